package mailroom_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"signpost/internal/app/mailroom"
	"signpost/internal/careid/careidtest"
	"signpost/internal/dos/dostest"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mail/incoming"
	"signpost/internal/platform/mail/received"
	"signpost/internal/platform/worldtest"
)

// A report marks the address of the side that sent the mail, and of no other.
func TestAReportReachesTheSideThatSentTheMail(t *testing.T) {
	const to = "ann@example.nhs.uk"
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	care, dos := careidtest.Open(t, now).World, dostest.Open(t, now).World
	take := mailroom.Returned([]*mail.Post{care.Post, dos.Post})
	for _, w := range []*worldtest.World{care, dos} {
		w.Post.Bounces = "in.example"
		w.Start()
	}
	bounces := func(w *worldtest.World) (is bool) {
		w.View(func(ctx context.Context, r db.R) error {
			b, err := mail.BounceOf(ctx, r, to)
			is = !b.Since.IsZero()
			return err
		})
		return is
	}
	for _, w := range []*worldtest.World{care, dos} {
		w.Update(func(ctx context.Context, u *db.W) error {
			err := w.Post.Send(ctx, u, mail.Message{Kind: "test", To: to, Subject: "Test", Text: "Test"})
			if err != nil {
				return err
			}
			return u.Record(ctx, audit.Event{Kind: "test.done", Subject: audit.Ref{Kind: "test", ID: "1"}})
		})
		w.Settle()
		if bounces(w) {
			t.Fatal("it bounces before anything came back")
		}
		_, tag, _ := strings.Cut(strings.TrimSuffix(w.Mails.To(to)[0].Return, "@in.example"), "+")
		w.Must(take(t.Context(), incoming.Arrival{Tag: tag,
			Mail: received.Mail{Report: received.Report{Action: "failed", Status: "5.1.1"}}}))
		if !bounces(w) || w == care && bounces(dos) {
			t.Error("the report did not reach the side that sent the mail, or it reached the other")
		}
	}
}

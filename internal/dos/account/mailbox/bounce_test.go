package mailbox_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mail/received"
	"signpost/internal/platform/worldtest"
)

// Whoever types a code that was mailed reads the address: what came back before counts no more.
func TestACodeThatIsTypedEndsTheMarkOfAnAddress(t *testing.T) {
	w := newWorld(t)
	w.Post.Bounces = "in.example"
	a := w.account("ada", "ada@nhs.net")
	w.Clock.Advance(10 * 24 * time.Hour)
	const to = "new@nhs.net"
	w.Must(w.ask(a.ID, to))
	code := w.code(to)
	bounces := func() bool {
		b := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (mail.Bounce, error) {
			return mail.BounceOf(ctx, r, to)
		})
		return !b.Since.IsZero()
	}
	for _, m := range w.Mails.To(to) {
		local, _, _ := strings.Cut(m.Return, "@")
		_, tag, _ := strings.Cut(local, "+")
		w.Must(w.Post.Returned(t.Context(), tag, received.Report{Action: "failed", Status: "5.1.1"}))
	}
	if !bounces() {
		t.Fatal("what came back marks nothing")
	}
	w.Must(w.confirm(a.ID, code))
	if bounces() {
		t.Error("the mark stays after the code was typed")
	}
}

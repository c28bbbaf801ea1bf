package console_test

import (
	"context"
	"strings"
	"testing"

	"signpost/internal/careid/identity"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mail/received"
)

// The registration authority, the service desk and the person read that mail to the person's address does not arrive.
func TestMailThatComesBackIsShown(t *testing.T) {
	w := open(t)
	w.Post.Bounces = "in.example"
	w.assign(manager)
	b := w.signedIn()
	at := b.post("/people/new", typedPerson()...).location
	uuid := at[strings.LastIndex(at, "/")+1:]
	b.get(at).lacks(t, "Does not arrive since")
	w.comesBack(uuid)
	b.get(at).has(t, "Email that we send",
		"Does not arrive since 24 November 2026: the mail server of the address says 5.1.1")
	b.get("/view-your-profile").lacks(t, "Does not arrive since")
	w.comesBack(w.ada)
	b.get("/view-your-profile").has(t, "Does not arrive since 24 November 2026",
		"Change the address, or confirm it again.")
}

// comesBack has a mail to somebody come back.
func (w *world) comesBack(uuid string) {
	w.Helper()
	i := w.Identity(uuid)
	w.Update(func(ctx context.Context, u *db.W) error {
		err := w.Post.Send(ctx, u, mail.Message{Kind: "test", To: i.Email, Subject: "Test", Text: "Test"})
		if err != nil {
			return err
		}
		return u.Record(ctx, audit.Event{Kind: "test.done", Subject: identity.Ref(uuid)})
	})
	w.Settle()
	for _, m := range w.Mails.To(i.Email) {
		_, tag, _ := strings.Cut(strings.TrimSuffix(m.Return, "@in.example"), "+")
		w.Must(w.Post.Returned(w.Context(), tag, received.Report{Action: "failed", Status: "5.1.1"}))
	}
}

package site_test

import (
	"context"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	said "signpost/internal/platform/mail/received"
)

// Mail that comes back is told to whoever helps the person, and to the person.
func TestAnAddressToWhichNothingArrives(t *testing.T) {
	w := newWorld(t)
	w.Post.Bounces = "in.example"
	bo := w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk", EmailProved: true},
		path.Choose)
	w.account(account.New{Username: "desk", FirstName: "Dee", Email: "dee@example.nhs.uk",
		Grants: account.Desk.In(account.Everywhere)}, path.Choose)
	desk, own := w.browser(), w.browser()
	desk.withPassword("desk", goodPass)
	own.withPassword("bo", goodPass)
	const told, toldOwn = "Does not arrive since", "Do not arrive since"
	if strings.Contains(desk.get("/users/"+bo.ID).body+own.get("/account").body, "not arrive since") {
		t.Fatal("it is told before anything came back")
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		if err := w.Post.Send(ctx, u, mail.Message{Kind: "test", To: bo.Email, Subject: "x", Text: "x"}); err != nil {
			return err
		}
		return u.Record(ctx, audit.Event{Kind: "test.sent", Subject: account.Ref(bo.ID)})
	})
	w.Settle()
	for _, m := range w.Mails.To(bo.Email) {
		local, _, _ := strings.Cut(m.Return, "@")
		_, tag, _ := strings.Cut(local, "+")
		w.Must(w.Post.Returned(t.Context(), tag, said.Report{Action: "failed", Status: "5.1.1"}))
	}
	desk.get("/users/"+bo.ID).mustHave(t, told, "5.1.1", "Our emails to you do not arrive")
	own.get("/account").mustHave(t, toldOwn)
	raised := desk.post("/tickets/new", "account", bo.ID, "name", "Bo", "email", bo.Email, "category", "other",
		"subject", "Cannot log in", "text", "They cannot log in.").location
	desk.get(raised).mustHave(t, "Do not arrive since", "Telephone the person")
}

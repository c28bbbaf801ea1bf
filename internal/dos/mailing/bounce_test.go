package mailing_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/mailing"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/mail/received"
)

// Whoever's mail came back is left out of the next one, until they show that they read the address.
func TestWhoseMailCameBackIsLeftOut(t *testing.T) {
	w := newWorld(t)
	w.Post.Bounces = "in.example"
	first := w.sent(w.boss, mailing.Selection{Words: "user"}, reminder)
	away := w.users[0]
	for _, m := range w.Mails.To(away.Email) {
		local, _, _ := strings.Cut(m.Return, "@")
		_, tag, _ := strings.Cut(local, "+")
		w.Must(w.Post.Returned(t.Context(), tag, received.Report{Action: "failed", Status: "5.1.1"}))
	}
	w.View(func(ctx context.Context, r db.R) error {
		back, err := mail.CameBack(ctx, r, first.ID)
		if len(back) != 1 || back[0] != away.EmailKey {
			t.Errorf("came back: %v", back)
		}
		return err
	})
	w.Clock.Advance(25 * time.Hour)
	if m := w.sent(w.boss, mailing.Selection{Words: "user"}, reminder); m.LeftOut[mailing.Bounces] != 1 || m.Sent != 2 {
		t.Errorf("%+v", m)
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		if err := w.Post.Confirmed(ctx, u, away.Email); err != nil {
			return err
		}
		return u.Record(ctx, audit.Event{Kind: "test.done", Subject: account.Ref(away.ID)})
	})
	w.Clock.Advance(25 * time.Hour)
	if m := w.sent(w.boss, mailing.Selection{Words: "user"}, reminder); m.LeftOut[mailing.Bounces] != 0 || m.Sent != 3 {
		t.Errorf("after the address was confirmed: %+v", m)
	}
}

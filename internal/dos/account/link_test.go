package account_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

func (w *world) link(id, subject string) error {
	return w.update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u,
			account.Link{AccountID: id, Issuer: "https://issuer.example", Subject: subject, How: "test"})
	})
}

// R10: the database allows one account for each care identity, and one care identity for each account. The issuer is
// a part of the identity.
func TestOneToOne(t *testing.T) {
	w := newWorld(t)
	a := w.account("a", "a@nhs.net")
	b := w.account("b", "b@nhs.net")
	c := w.account("c", "c@nhs.net")
	w.Must(w.link(a.ID, "1"))
	var y worldtest.Tally
	y.Refused(t, "a second care identity", w.link(a.ID, "2") == nil)
	y.Refused(t, "a second account", w.link(b.ID, "1") == nil)
	y.Refused(t, "the same again", w.link(a.ID, "1") == nil)
	err := w.update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u,
			account.Link{AccountID: c.ID, Issuer: "https://other.example", Subject: "1", How: "test"})
	})
	if err != nil {
		t.Errorf("the same subject of another issuer: %v", err)
	}
	found, err := func() (x account.Account, err error) {
		err = w.DB.View(t.Context(), func(r db.R) error {
			x, err = account.ByCareIdentity(t.Context(), r, "https://issuer.example", "1")
			return err
		})
		return x, err
	}()
	if err != nil || found.ID != a.ID {
		t.Errorf("found %s, %v", found.Username, err)
	}
	y.Report(t, "R10 one to one")
}

func TestRemoveLink(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", "ada@nhs.net")
	remove := func() error {
		return w.update(func(ctx context.Context, u *db.W) error { return account.RemoveLink(ctx, u, a.ID, "test") })
	}
	if err := remove(); !errors.Is(err, fault.NotFound) {
		t.Errorf("of no link: %v", err)
	}
	w.Must(w.link(a.ID, "1"))
	w.Clock.Advance(account.UndoFor)
	w.Must(remove())
	if now := w.read(a.ID); now.PasswordHash != "" {
		t.Error("a password came back")
	}
	w.Must(w.link(a.ID, "2"))
	w.Clock.Advance(account.UndoFor + time.Millisecond)
	if err := remove(); !errors.Is(err, fault.Conflict) {
		t.Errorf("after 30 days: %v", err)
	}
}

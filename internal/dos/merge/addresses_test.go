package merge_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// An address that the one account had before the other is no stranger's: the link moves. Since then it is known with
// which Care Identity the address came (rule R7).
func TestAddressesOfBothAreTheHolders(t *testing.T) {
	w := newWorld(t)
	w.link(w.young, "900")
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO account_email_past (account_id, email, email_key, since, until)
			VALUES ($1, $2, $2, $3, $4)`, w.young.ID, w.old.Email, u.Now().Add(-time.Hour), u.Now())
		return errors.Join(err, u.Record(ctx, administrationEvent(w.young)))
	})
	came := func() bool {
		list := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]mailbox.PastHolder, error) {
			other := account.Link{AccountID: w.elsewhere.ID, Issuer: issuer, Subject: "901"}
			return mailbox.PastHolders(ctx, r, w.Post, other, w.old.EmailKey)
		})
		return slices.ContainsFunc(list, func(h mailbox.PastHolder) bool {
			return h.AccountID == w.old.ID && h.Subject == "900"
		})
	}
	id := w.ready(w.young, w.old)
	if came() {
		t.Fatal("it came before it did")
	}
	w.Must(w.office.Do(t.Context(), by(w.ofNorth), id, w.seen(id)))
	if w.linkedTo(w.old) != "900" || !came() {
		t.Errorf("linked to %q, and known with which Care Identity its address came: %t", w.linkedTo(w.old), came())
	}
}

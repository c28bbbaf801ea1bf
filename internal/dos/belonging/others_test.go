package belonging_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/deciding"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Nobody confirms the organisation of another account of theirs, nor with a permission that they were given just now.
func TestWhoConfirmsIsSomebodyElse(t *testing.T) {
	w := open(t)
	w.person("boss", "", "X99", administers(account.Everywhere))
	admin := w.person("admin", "north", "N1", administers(account.InRegion("north")))
	twin := w.person("twin", "north", "", account.ProviderUser.In(account.OwnOrganisation))
	w.Update(func(ctx context.Context, u *db.W) error { // both were opened by one Care Identity
		_, err := u.Exec(ctx, `INSERT INTO account_link_past (id, account_id, issuer, subject, linked_at, ended_at)
			VALUES ('p', $1, $2, 'ci-admin', $3, $3)`, twin.ID, issuer, u.Now())
		return err
	})
	w.Must(w.says(w.visits(twin, "Z77"), "Z77"))
	if err := w.decides(admin, twin, "Z77", true); !errors.Is(err, fault.Forbidden) || w.organisation(twin) != "" {
		t.Errorf("their own other account: %v, at %q", err, w.organisation(twin))
	}
	third := w.person("third", "north", "", nil)
	w.Must(w.says(w.visits(third, "Z77"), "Z77"))
	fresh := w.person("fresh", "north", "N1", nil)
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddGroup(ctx, u, fresh.ID, account.UserAdministrator, account.InRegion("north"))
	})
	if err := w.decides(fresh, third, "Z77", true); !errors.Is(err, fault.Forbidden) || w.organisation(third) != "" {
		t.Errorf("by somebody who was given it just now: %v, at %q", err, w.organisation(third))
	}
	w.Clock.Advance(time.Hour)
	w.Must(w.decides(fresh, third, "Z77", true)) // the honest twins
	w.Update(func(ctx context.Context, u *db.W) error {
		return deciding.AboutAccount(ctx, u, account.ManageUsers, twin.ID) // of what is no person
	})
}

// Who says another organisation within a day is told of to those who can confirm it and were not told of the first.
func TestAnotherOrganisationIsToldToThoseWhoDoNotKnow(t *testing.T) {
	w := open(t)
	boss := w.person("boss", "", "ZIB", append(administers(account.Everywhere),
		account.Desk.In(account.Everywhere)...))
	norma := w.person("norma", "north", "ZN1", append(administers(account.InRegion("north")),
		account.Desk.In(account.OwnOrganisation)...))
	a := w.person("helper", "north", "ZN2", account.OwnOrganisation.Of(account.ServiceDesk))
	cookie := w.visits(a, "FXX01", "ZN1")
	mails := func() [2]int {
		const kind = "signin.organisation-claimed"
		return [2]int{w.Mailed(kind, boss.Email), w.Mailed(kind, norma.Email)}
	}
	w.Must(w.says(cookie, "FXX01"))
	if got := mails(); got != [2]int{1, 0} {
		t.Fatalf("of the first: %v", got)
	}
	w.Must(w.says(cookie, "ZN1"))
	if got := mails(); got != [2]int{1, 1} {
		t.Errorf("of the second: %v", got)
	}
	w.Must(w.decides(norma, a, "ZN1", true))
}

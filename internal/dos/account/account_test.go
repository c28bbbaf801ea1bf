package account_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// everybody is the reach of somebody without limit.
var everybody = account.Reach{Everywhere: true}

// world holds accounts in a real database, with a mailbox.
type world struct{ *dostest.World }

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{dostest.Open(t, time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC))}
	w.Start()
	return w
}

func (w *world) try(by actor.Actor, fn func(ctx context.Context, u *db.W) error) error {
	w.Helper()
	return w.DB.Update(w.Context(), by, func(u *db.W) error {
		if err := fn(w.Context(), u); err != nil {
			return err
		}
		return u.Record(w.Context(), audit.Event{Kind: "test.prepared"})
	})
}

func (w *world) update(fn func(ctx context.Context, u *db.W) error) error {
	w.Helper()
	return w.try(actor.ForCommand("test"), fn)
}

func (w *world) account(username, address string) (a account.Account) {
	w.Helper()
	w.Must(w.update(func(ctx context.Context, u *db.W) (err error) {
		a, err = account.Add(ctx, u,
			account.New{Username: username, FirstName: "Ada", Email: address, EmailProved: true})
		return err
	}))
	return a
}

func (w *world) read(id string) account.Account {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (account.Account, error) {
		return account.ByID(ctx, r, id)
	})
}

// R6, L9, L10, L11: one address is one account's, compared narrowly; shared accounts may repeat one.
func TestAddressesAreUniqueByTheirNarrowForm(t *testing.T) {
	w := newWorld(t)
	w.account("ann", "ann@nhs.net")
	add := func(username, address string, kind account.Kind) error {
		return w.update(func(ctx context.Context, u *db.W) error {
			_, err := account.Add(ctx, u, account.New{Username: username, Email: address, Kind: kind})
			return err
		})
	}
	var y worldtest.Tally
	for i, same := range []string{"ann@nhs.net", "ANN@NHS.NET", "Ann@nhs.net", "ann@nhs.net.", "ann@nhs。net"} {
		y.Refused(t, same, add("same"+string(rune('a'+i)), same, account.Individual) == nil)
	}
	y.Refused(t, "the same username", add("ann", "another@nhs.net", account.Individual) == nil)
	y.Refused(t, "no username", add(" ", "another@nhs.net", account.Individual) == nil)
	y.Refused(t, "a Cyrillic letter", add("cyrillic", "аnn@nhs.net", account.Individual) == nil)
	y.Refused(t, "no address", add("none", "", account.Individual) == nil)
	for i, other := range []string{"ann+dos@nhs.net", "a.nn@nhs.net", "ann@nhs.example"} {
		if err := add("other"+string(rune('a'+i)), other, account.Individual); err != nil {
			t.Errorf("%s is another address: %v", other, err)
		}
	}
	if err := add("team", "ann@nhs.net", account.Shared); err != nil {
		t.Errorf("a shared account with somebody's address: %v", err)
	}
	y.Report(t, "R6, L9 addresses")
}

func TestRequireAsksForThePermissionNow(t *testing.T) {
	w := newWorld(t)
	var admin account.Account
	w.Must(w.update(func(ctx context.Context, u *db.W) (err error) {
		admin, err = account.Add(ctx, u,
			account.New{Username: "admin", Email: "admin.person@nhs.net",
				Grants: account.Everywhere.Of(account.ManageUsers)})
		return err
	}))
	plain := w.account("plain", "plain@nhs.net")
	may := func(by actor.Actor, p account.Permission) bool {
		err := w.try(by, func(ctx context.Context, u *db.W) error { return account.Require(ctx, u, p) })
		if err != nil && !errors.Is(err, fault.Forbidden) {
			t.Errorf("Require: %v", err)
		}
		return err == nil
	}
	person := func(id string) actor.Actor { return actor.Actor{Kind: actor.Person, ID: id} }
	if !may(person(admin.ID), account.ManageUsers) || !may(actor.ForCommand("test"), account.ManageUsers) {
		t.Fatal("who may is refused")
	}
	var y worldtest.Tally
	y.Refused(t, "another permission", may(person(admin.ID), account.EditService))
	y.Refused(t, "another account", may(person(plain.ID), account.ManageUsers))
	y.Refused(t, "no account", may(person("none"), account.ManageUsers))
	for _, kind := range []actor.Kind{actor.Stranger, actor.Machine, actor.Job} {
		y.Refused(t, string(kind), may(actor.Actor{Kind: kind, ID: admin.ID}, account.ManageUsers))
	}
	w.Must(w.update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, admin.ID, "left") }))
	y.Refused(t, "a deactivated account", may(person(admin.ID), account.ManageUsers))
	y.Report(t, "permissions")
}

func TestName(t *testing.T) {
	for want, a := range map[string]account.Account{
		"Ada Okafor": {FirstName: "Ada", LastName: "Okafor", Username: "ada"}, "Okafor": {LastName: "Okafor"},
		"team": {Username: "team"},
	} {
		if got := a.Name(); got != want {
			t.Errorf("Name = %q, want %q", got, want)
		}
	}
}

// The number of a shared account is refused for what it is, and not as an address.
func TestTelephoneOfASharedAccount(t *testing.T) {
	w := newWorld(t)
	one := w.account("ada", "ada@nhs.net")
	team := w.add(account.New{Username: "team", Email: "team@nhs.net", Kind: account.Shared})
	change := func(id string) error {
		return account.ChangePhone(t.Context(), w.DB, actor.Actor{Kind: actor.Person, ID: id}, "01632 960 001")
	}
	w.Must(change(one.ID))
	said, _ := fault.From(change(team.ID))
	if said == nil || said.Code != fault.Forbidden || !strings.Contains(said.Message, "telephone number") {
		t.Errorf("refused with %v", said)
	}
	if got := w.read(team.ID).Phone; got != "" {
		t.Errorf("the shared account has the number %s", got)
	}
}

package linking_test

import (
	"context"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/linking"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/worldtest"
)

func ada() account.New {
	return account.New{FirstName: "Ada", LastName: "Example", Email: "ada@example.nhs.uk", Organisation: "Z90001"}
}

// first makes the first administrator, and gives the two parts of their link.
func (w *world) first() (id, secret string) {
	w.Helper()
	made := worldtest.Must(w.linker.MakeFirstAdministrator(w.Context(), worldtest.By, ada()))(w)
	id, secret, _ = strings.Cut(strings.TrimPrefix(made.Path, linking.SetUpPath), "/")
	return id, secret
}

// setUp follows a set-up link, proves who they are at CIS2 and comes back.
func (w *world) setUp(id, secret string) (cookie string, err error) {
	stranger := actor.Actor{Kind: actor.Stranger}
	claim, err := w.linker.ClaimBySetUp(w.Context(), stranger, id, secret)
	if err != nil {
		return "", err
	}
	p := person("first", "elsewhere@example.nhs.uk")
	p.Roles = []cis2.NationalRole{{RoleCode: "S8001:G8002:R8008", ActivityCodes: []string{"B0166"}}}
	return w.linker.Begin(w.Context(), stranger, cameBack(claim.Ask()), p)
}

func TestFirstAdministrator(t *testing.T) {
	w := newWorld(t)
	id, secret := w.first()
	if a, err := w.linker.SetUp(t.Context(), id, secret); err != nil || a.Name() != "Ada Example" ||
		a.PasswordHash != "" {
		t.Fatalf("%+v, %v", a, err)
	}
	cookie, err := w.setUp(id, secret)
	w.Must(err)
	if w.confirm(cookie, "") == nil || w.linked(id) {
		t.Error("linked without the code that was mailed")
	}
	w.Must(w.confirm(cookie, w.code("ada@example.nhs.uk")))
	if !w.linked(id) {
		t.Fatal("not linked")
	}
	if n := w.Count(`SELECT COUNT(*) FROM account_grant WHERE account_id = $1`, id); n != int64(len(account.All())) {
		t.Errorf("%d permissions", n)
	}
	var y worldtest.Tally
	_, err = w.setUp(id, secret)
	y.Refused(t, "the link a second time", err == nil)
	_, err = w.linker.MakeFirstAdministrator(t.Context(), worldtest.By, ada())
	y.Refused(t, "a first administrator beside one who is linked", err == nil)
}

func TestSetUpLinksThatDoNotWork(t *testing.T) {
	w := newWorld(t)
	id, secret := w.first()
	newer, newSecret := w.first()
	if newer != id || newSecret == secret {
		t.Errorf("asked again: %s %s after %s %s", newer, newSecret, id, secret)
	}
	var y worldtest.Tally
	try := func(name, id, secret string) {
		t.Helper()
		_, err := w.setUp(id, secret)
		y.Refused(t, name, err == nil)
		if err != nil && !is(err, fault.Expired) {
			t.Errorf("%s: %v", name, err)
		}
	}
	try("the former link", id, secret)
	try("another secret", id, "x")
	try("nobody's account", "x", newSecret)
	w.Clock.Advance(account.RelinkFor)
	try("a link of a week ago", id, newSecret)
}

// Where somebody can administer the directory already, they let others in.
func TestFirstAdministratorIsTheFirst(t *testing.T) {
	w := newWorld(t)
	var y worldtest.Tally
	w.account("plain", path.Choose)
	n := ada()
	n.Email = "plain@example.nhs.uk"
	_, err := w.linker.MakeFirstAdministrator(t.Context(), worldtest.By, n)
	y.Refused(t, "with the address of an account that is another's", err == nil)
	if !is(err, fault.Conflict) {
		t.Errorf("an account that is another's: %v", err)
	}
	n.Email = "plain@elsewhere.example"
	_, err = w.linker.MakeFirstAdministrator(t.Context(), worldtest.By, n)
	y.Refused(t, "with a username that another account has", err == nil)
	if _, said := fault.From(err); !said {
		t.Errorf("a username that another account has: %v", err)
	}
	n.Email = "no address"
	_, err = w.linker.MakeFirstAdministrator(t.Context(), worldtest.By, n)
	y.Refused(t, "without an address", err == nil)
	w.account("admin", path.Choose, func(n *account.New) { n.Grants = account.Everywhere.Of(account.ManageUsers) })
	_, err = w.linker.MakeFirstAdministrator(t.Context(), worldtest.By, ada())
	y.Refused(t, "beside an administrator with a password", err == nil)
}

// The only administrator who set another password by a mailed code manages nobody with it and cannot link with it; the
// operator makes them a set-up link, in whatever phase their wave is.
func TestTheOnlyAdministratorWithAMailedPassword(t *testing.T) {
	for _, phase := range []path.Phase{path.Choose, path.Require, path.Closed} {
		w := newWorld(t)
		boss := w.account("ada", path.Choose, func(n *account.New) {
			n.Grants = account.Everywhere.Of(account.ManageUsers)
		})
		w.settle()
		if _, err := w.linker.MakeFirstAdministrator(t.Context(), worldtest.By, ada()); !is(err, fault.Conflict) {
			t.Fatalf("while they have a password of before: %v", err)
		}
		forgotten := &signin.Forgotten{DB: w.DB, Hasher: w.Passwords, Post: w.Post}
		cookie := worldtest.Must(forgotten.Ask(t.Context(), stranger, "ada", tries.Browser{}))(t)
		_, err := forgotten.Set(t.Context(), stranger, cookie, w.code(boss.Email), "another long password 7")
		w.Must(err)
		w.Update(func(ctx context.Context, u *db.W) error {
			return u.Change(ctx, `UPDATE wave SET phase = $2 WHERE id = $1`, w.Waves[path.Choose], int(phase))
		})
		id, secret := w.first()
		if id != boss.ID {
			t.Fatalf("%v: a set-up link for another account", phase)
		}
		cookie, err = w.setUp(id, secret)
		w.Must(err)
		w.Must(w.confirm(cookie, w.code(boss.Email)))
		if !w.linked(id) {
			t.Errorf("%v: not linked", phase)
		}
	}
}

// The operator mends what they mistyped: there is one first account, and one link that works.
func TestFirstAdministratorIsMended(t *testing.T) {
	w := newWorld(t)
	id, secret := w.first()
	n := ada()
	n.Email = "adah@example.nhs.uk"
	n.FirstName = "Adah"
	n.Organisation = "z90002"
	made := worldtest.Must(w.linker.MakeFirstAdministrator(t.Context(), worldtest.By, n))(t)
	if a := made.Account; a.ID != id || a.Email != n.Email || a.Name() != "Adah Example" || a.Username != "adah" ||
		a.Organisation != "Z90002" {
		t.Errorf("mended to %+v", a)
	}
	var y worldtest.Tally
	_, err := w.setUp(id, secret)
	y.Refused(t, "the link from before it was mended", err == nil)
	if n := w.Count(`SELECT COUNT(*) FROM account`); n != 1 {
		t.Errorf("%d accounts", n)
	}
}

// A set-up link ends when somebody else can administer the directory, also while it is being used.
func TestSetUpLinkEndsWithAnotherAdministrator(t *testing.T) {
	w := newWorld(t)
	id, secret := w.first()
	cookie, err := w.setUp(id, secret)
	w.Must(err)
	w.account("admin", path.Choose, func(n *account.New) { n.Grants = account.Everywhere.Of(account.ManageUsers) })
	var y worldtest.Tally
	y.Refused(t, "a link under way", w.confirm(cookie, w.code("ada@example.nhs.uk")) == nil)
	_, err = w.setUp(id, secret)
	y.Refused(t, "the link", err == nil)
	if w.linked(id) {
		t.Error("linked")
	}
}

// Who could not come in afterwards does not use up the link.
func TestSetUpLinkWantsThePosition(t *testing.T) {
	w := newWorld(t)
	id, secret := w.first()
	stranger := actor.Actor{Kind: actor.Stranger}
	claim := worldtest.Must(w.linker.ClaimBySetUp(t.Context(), stranger, id, secret))(t)
	without := person("first", "ada@example.nhs.uk")
	without.Roles = nil
	_, err := w.linker.Begin(t.Context(), stranger, cameBack(claim.Ask()), without)
	if reason, refused := linking.RefusalOf(err); !refused || reason != linking.NoPosition {
		t.Errorf("without the position: %v", err)
	}
	if _, err := w.setUp(id, secret); err != nil {
		t.Errorf("with it: %v", err)
	}
}

// A relink code opens no set-up link, nor the reverse.
func TestRelinkCodesAreNoSetUpLinks(t *testing.T) {
	w := newWorld(t)
	_, secret := w.first()
	var y worldtest.Tally
	_, err := w.claimByRelinkCode(person("first", "ada@example.nhs.uk"), "ada", secret)
	y.Refused(t, "the secret of a set-up link as a relink code", err == nil)
	admin := w.account("admin", path.Closed, func(n *account.New) {
		n.Grants = account.Everywhere.Of(account.ManageUsers)
	})
	plain := w.account("plain", path.Choose)
	code := w.allow(admin, plain)
	_, err = w.linker.SetUp(t.Context(), plain.ID, code)
	y.Refused(t, "a relink code as the secret of a set-up link", err == nil)
	w.settle()
	if _, err = w.claimByRelinkCode(person("plain", plain.Email), "plain", w.allow(admin, plain)); err != nil {
		t.Errorf("the relink code where it belongs: %v", err)
	}
	id, newer := w.first()
	if _, err = w.linker.SetUp(t.Context(), id, newer); err != nil {
		t.Errorf("the set-up link where it belongs: %v", err)
	}
}

// Whoever links has no password after that. As long as theirs lets them in, a Care Identity without the position, which
// lets nobody in, is not linked; where it opens nothing any more, nothing is lost by the link.
func TestThePositionComesBeforeTheLinkWhileThePasswordOpens(t *testing.T) {
	for name, tt := range map[string]struct {
		phase     path.Phase
		allowance int
		refused   bool
	}{
		"choose":                         {path.Choose, 0, true},
		"require, on a day of work":      {path.Require, 2, true},
		"require, where nothing is left": {path.Require, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			in := w.Wave(wave.Wave{Name: "north", Phase: tt.phase, Allowance: tt.allowance})
			a := w.Account(account.New{Username: "ada", FirstName: "Ada", LastName: "Example",
				Email: "ada@example.nhs.uk", EmailProved: true, PasswordHash: w.Hash}, in)
			w.settle()
			p := person("1", "ada@example.nhs.uk")
			p.Roles = nil
			cookie, err := w.claim(p, a.Username, goodPass)
			if !tt.refused {
				w.Must(err)
				w.Must(w.confirm(cookie, ""))
				if !w.linked(a.ID) {
					t.Error("not linked")
				}
				return
			}
			if reason, refused := linking.RefusalOf(err); !refused || reason != linking.PositionFirst {
				t.Fatalf("without the position: %v", err)
			}
			if _, err := w.in(a.Username, goodPass); err != nil {
				t.Errorf("the password opens nothing any more: %v", err)
			}
			w.link(a, person("1", "ada@example.nhs.uk"))
		})
	}
}

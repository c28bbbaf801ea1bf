package linking_test

import (
	"context"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// An administrator's permission and the mailbox together replace the password, also when passwords have ended.
func TestAdministratorsLeave(t *testing.T) {
	w := newWorld(t)
	admin := w.account("admin", path.Choose, func(n *account.New) {
		n.Permissions = []account.Permission{account.ManageUsers}
	})
	by := actor.Actor{Kind: actor.Person, ID: admin.ID}
	for phase, works := range map[path.Phase]bool{path.Prepare: false, path.Choose: true, path.Require: true,
		path.Closed: true} {
		name := "forgot" + string(rune('0'+phase))
		a := w.account(name, phase)
		w.settle()
		p := person(name, a.Email)
		if _, err := w.claim(p, name, ""); err == nil {
			t.Errorf("phase %d: claimed without leave", phase)
		}
		w.Must(w.linker.AllowRelink(t.Context(), by, a.ID))
		if w.Mailed("link.leave", a.Email) != 1 {
			t.Errorf("phase %d: the holder is not told", phase)
		}
		cookie, err := w.claim(p, name, "")
		if (err == nil) != works {
			t.Fatalf("phase %d: claim with leave: %v", phase, err)
		}
		if !works {
			continue
		}
		if w.confirm(cookie, "") == nil || w.linked(a.ID) {
			t.Errorf("phase %d: linked without the code", phase)
		}
		if err := w.confirm(cookie, w.code(a.Email)); err != nil {
			t.Errorf("phase %d: with the code: %v", phase, err)
		}
	}
}

func TestLeaveIsRefused(t *testing.T) {
	w := newWorld(t)
	admin := w.account("admin", path.Choose, func(n *account.New) {
		n.Permissions = []account.Permission{account.ManageUsers}
	})
	other := w.account("other", path.Choose)
	plain := w.account("plain", path.Choose)
	team := w.account("team", path.Choose, func(n *account.New) { n.Shared = true })
	gone := w.account("gone", path.Choose)
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, gone.ID, "left") })
	moved := w.account("moved", path.Choose)
	w.settle()
	w.link(moved, person("moved", moved.Email))
	by := func(id string) actor.Actor { return actor.Actor{Kind: actor.Person, ID: id} }
	w.Must(w.linker.AllowRelink(t.Context(), by(admin.ID), other.ID))
	var y worldtest.Tally
	for name, tt := range map[string]struct {
		by actor.Actor
		id string
	}{
		"by somebody without the permission": {by(plain.ID), other.ID},
		"by a stranger":                      {actor.Actor{Kind: actor.Stranger}, other.ID},
		"for themselves":                     {by(admin.ID), admin.ID}, "for a shared account": {by(admin.ID), team.ID},
		"for a deactivated one": {by(admin.ID), gone.ID},
		"for a linked one":      {by(admin.ID), moved.ID}, "for none": {by(admin.ID), "none"},
	} {
		y.Refused(t, name, w.linker.AllowRelink(t.Context(), tt.by, tt.id) == nil)
	}
	w.Clock.Advance(account.RelinkFor)
	_, err := w.claim(person("other", other.Email), "other", "")
	y.Refused(t, "after 7 days", err == nil)
	y.Report(t, "leave")
}

// Permission to link by mailbox does not allow more attempts at the password.
func TestLeaveKeepsTheCountOfWrongPasswords(t *testing.T) {
	w := newWorld(t)
	admin := w.account("admin", path.Choose, func(n *account.New) {
		n.Permissions = []account.Permission{account.ManageUsers}
	})
	a := w.account("ada", path.Choose)
	w.settle()
	w.Must(w.linker.AllowRelink(t.Context(), actor.Actor{Kind: actor.Person, ID: admin.ID}, a.ID))
	if _, err := w.in("ada", goodPass); err != nil {
		t.Fatalf("the right password: %v", err)
	}
	for range 9 {
		if _, err := w.in("ada", "wrong"); err == nil {
			t.Fatal("a wrong password was taken")
		}
	}
	if _, err := w.claim(person("stranger", "stranger@example.nhs.uk"), "ada", ""); err != nil {
		t.Fatalf("a claim by leave: %v", err)
	}
	if _, err := w.in("ada", "wrong"); err == nil {
		t.Fatal("a wrong password was taken")
	}
	if _, err := w.in("ada", goodPass); err == nil {
		t.Error("the claim by leave forgot the wrong passwords")
	}
}

package linking_test

import (
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/worldtest"
)

// R11: for 30 days the person or an administrator can undo a link. It restores neither sessions nor the password.
func TestUndo(t *testing.T) {
	for name, byAdmin := range map[string]bool{"by the person": false, "by an administrator": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			admin := w.account("admin", path.Choose, func(n *account.New) {
				n.Grants = account.Everywhere.Of(account.ManageUsers)
			})
			a := w.account("ada", path.Choose)
			w.settle()
			old, err := w.in("ada", goodPass)
			w.Must(err)
			p := person("ada", a.Email)
			p.Roles = []cis2.NationalRole{{RoleCode: "S8001:G8002:R8008", ActivityCodes: []string{"B0166"}}}
			w.link(a, p)
			_, current := w.enter(p)
			w.Clock.Advance(account.UndoFor)
			by := actor.Actor{Kind: actor.Person, ID: a.ID}
			if byAdmin {
				by.ID = admin.ID
			}
			handed, err := w.linker.Undo(t.Context(), by, a.ID, "not theirs")
			w.Must(err)
			var y worldtest.Tally
			for session, cookie := range map[string]string{"from before the link": old, "by Care Identity": current} {
				y.Refused(t, "a session "+session, w.find(cookie) == nil)
			}
			_, err = w.in("ada", goodPass)
			y.Refused(t, "the old password", err == nil)
			outcome, _ := w.enter(p)
			y.Refused(t, "the Care Identity", outcome == signin.Enter)
			cookie, err := w.claimByRelinkCode(p, "ada", handed)
			if (err == nil) != byAdmin {
				t.Errorf("claim after the undo: %v", err)
			}
			if byAdmin {
				y.Refused(t, "linking again without a code", w.confirm(cookie, "") == nil)
				w.Must(w.confirm(cookie, w.code(a.Email)))
			}
			if w.Mailed("link.undone", a.Email) != 1 ||
				w.Count(`SELECT COUNT(*) FROM account_link_past WHERE account_id = $1`, a.ID) != 1 {
				t.Error("the undo was not told and kept")
			}
			y.Report(t, "R11 after an undo")
		})
	}
}

// L31: nobody shuts out an administrator by undoing their link, be it the last one, a peer or one of a wider area.
func TestUndoShutsNoAdministratorOut(t *testing.T) {
	w := newWorld(t)
	manages := func(s account.Scope) func(n *account.New) {
		return func(n *account.New) {
			n.Grants = account.UserAdministrator.In(s)
			n.Organisation = "ZIB"
		}
	}
	boss := w.account("boss", path.Choose, manages(account.Everywhere))
	local := w.account("local", path.Choose, manages(account.OwnOrganisation))
	peer := w.account("peer", path.Choose, manages(account.OwnOrganisation))
	w.settle()
	for _, a := range []account.Account{boss, local, peer} {
		w.link(a, person(a.Username, a.Email))
	}
	var y worldtest.Tally
	for name, pair := range map[string][2]account.Account{
		"one of a wider area": {local, boss}, "a peer": {local, peer}, "the last one's own": {boss, boss},
	} {
		_, err := w.linker.Undo(t.Context(), actor.Actor{Kind: actor.Person, ID: pair[0].ID}, pair[1].ID, "test")
		y.Refused(t, name, err == nil || !w.linked(pair[1].ID))
	}
	y.Report(t, "L31 undo of administrators")
	if _, err := w.linker.Undo(t.Context(), actor.Actor{Kind: actor.Person, ID: boss.ID}, local.ID, "test"); err != nil {
		t.Errorf("by an administrator of a wider area: %v", err)
	}
}

func TestUndoIsRefused(t *testing.T) {
	w := newWorld(t)
	a := w.account("ada", path.Choose)
	other := w.account("other", path.Choose)
	w.settle()
	w.link(a, person("ada", a.Email))
	var y worldtest.Tally
	undo := func(name string, by actor.Actor, id string) {
		t.Helper()
		_, err := w.linker.Undo(t.Context(), by, id, "test")
		y.Refused(t, name, err == nil)
	}
	undo("by somebody else", actor.Actor{Kind: actor.Person, ID: other.ID}, a.ID)
	undo("by a stranger who gives the id", actor.Actor{Kind: actor.Stranger, ID: a.ID}, a.ID)
	undo("of an account that is not linked", actor.Actor{Kind: actor.Person, ID: other.ID}, other.ID)
	w.Clock.Advance(account.UndoFor + time.Millisecond)
	undo("after 30 days", actor.Actor{Kind: actor.Person, ID: a.ID}, a.ID)
	undo("after 30 days, from the command line", actor.ForCommand("test"), a.ID)
	if !w.linked(a.ID) {
		t.Error("the link is gone")
	}
	y.Report(t, "R11 undo")
}

// R12: whoever undoes a link, and in whatever way, the account's address and that of the Care Identity are told.
func TestAnUndoTellsBothOwners(t *testing.T) {
	const theirs = "ada@hospital.example"
	for name, undo := range map[string]func(w *world, a, admin account.Account) error{
		"by the holder": func(w *world, a, _ account.Account) error {
			_, err := w.linker.Undo(t.Context(), actor.Actor{Kind: actor.Person, ID: a.ID}, a.ID, "not mine")
			return err
		},
		"by an administrator": func(w *world, a, admin account.Account) error {
			_, err := w.linker.Undo(t.Context(), actor.Actor{Kind: actor.Person, ID: admin.ID}, a.ID, "not theirs")
			return err
		},
		"by a code": func(w *world, a, _ account.Account) error {
			cookie, err := w.linker.AskUndo(t.Context(), stranger, a.Username, tries.Browser{})
			w.Must(err)
			return w.linker.UndoByCode(t.Context(), stranger, cookie, w.code(a.Email))
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			admin := w.account("admin", path.Choose, func(n *account.New) {
				n.Grants = account.Everywhere.Of(account.ManageUsers)
			})
			a := w.account("ada", path.Choose)
			w.settle()
			cookie, err := w.claim(person("ada", theirs), "ada", goodPass)
			w.Must(err)
			w.Must(w.confirm(cookie, w.code(a.Email)))
			w.Must(undo(w, a, admin))
			if w.Mailed("link.undone", a.Email) != 1 || w.Mailed("link.undone", theirs) != 1 {
				t.Errorf("the account was told %d times, the Care Identity %d times",
					w.Mailed("link.undone", a.Email), w.Mailed("link.undone", theirs))
			}
		})
	}
}

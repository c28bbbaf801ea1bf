package linking_test

import (
	"context"
	"os"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// act is something that may happen to an account: what prepares it, and what does it.
type act struct {
	name    string
	prepare func(w *world, a account.Account) (do func() error)
}

// raced are the acts that race. Each is prepared before any of them happens.
var raced = []act{
	{"link", func(w *world, a account.Account) func() error {
		cookie := w.ceremonies([]account.Account{a}, "holder-")[0]
		return func() error { return w.confirm(cookie, "") }
	}},
	{"link by relink code", func(w *world, a account.Account) func() error {
		cookie, err := w.claimByRelinkCode(person("relinker-"+a.Username, a.Email), a.Username, w.allow(w.admin(), a))
		w.Must(err)
		code := w.code(a.Email)
		return func() error { return w.confirm(cookie, code) }
	}},
	{"deactivate", func(w *world, a account.Account) func() error {
		return func() error {
			return w.DB.Update(w.Context(), worldtest.By, func(u *db.W) error {
				return account.Deactivate(w.Context(), u, a.ID, "left")
			})
		}
	}},
	{"change the address", func(w *world, a account.Account) func() error {
		me := actor.Actor{Kind: actor.Person, ID: a.ID, Session: "one"}
		w.Must(account.AskEmail(w.Context(), w.DB, me, w.linker.Post, a.ID, "new-"+a.Email))
		code := w.code("new-" + a.Email)
		return func() error { return account.ConfirmEmail(w.Context(), w.DB, me, w.linker.Post, a.ID, code) }
	}},
	{"undo", (*world).prepareUndo},
	{"undo a link that stands", func(w *world, a account.Account) func() error {
		if !w.linked(a.ID) {
			w.Must(w.confirm(w.ceremonies([]account.Account{a}, "standing-")[0], ""))
		}
		return w.prepareUndo(a)
	}},
	{"allow to link again", func(w *world, a account.Account) func() error {
		by := actor.Actor{Kind: actor.Person, ID: w.admin().ID}
		return func() error { _, err := w.linker.AllowRelink(w.Context(), by, a.ID); return err }
	}},
}

func (w *world) prepareUndo(a account.Account) func() error {
	by := actor.Actor{Kind: actor.Person, ID: w.admin().ID}
	return func() error { _, err := w.linker.Undo(w.Context(), by, a.ID, "test"); return err }
}

// admin is the administrator of a world.
func (w *world) admin() (a account.Account) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) (err error) {
		a, err = account.ByUsername(ctx, r, "administrator")
		return err
	})
	return a
}

// end is what two acts leave of an account, and which of them succeeded.
type end struct {
	First, Second                                        bool
	Active, Password, Linked, Relinkable, Session, Moved bool
}

const endOfAccount = `SELECT a.active, a.password_hash <> '', EXISTS (SELECT 1 FROM account_link WHERE account_id = a.id),
	a.relink_digest IS NOT NULL, EXISTS (SELECT 1 FROM session WHERE subject = a.id), a.email LIKE 'new-%'
	FROM account a WHERE a.id = $1`

func (w *world) endOf(a account.Account) end {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (end, error) {
		return db.One(ctx, r, func(scan db.Scanner) (e end, err error) {
			return e, scan(&e.Active, &e.Password, &e.Linked, &e.Relinkable, &e.Session, &e.Moved)
		}, endOfAccount, a.ID)
	})
}

// pairsRaced is how many accounts each two acts race for.
func pairsRaced() int {
	if os.Getenv("TEST_LONG") != "" || os.Getenv("PROVE") != "" {
		return 500
	}
	return 4
}

// Of each two acts that come at once, either order comes out, whole: the account is left as one after the other leaves
// it, and each is told what then happened.
func TestEachTwoActsAtOnce(t *testing.T) {
	t.Parallel()
	for i, first := range raced {
		for _, second := range raced[i:] {
			t.Run(first.name+" and "+second.name, func(t *testing.T) {
				t.Parallel()
				racePair(t, first, second)
			})
		}
	}
}

func racePair(t *testing.T, first, second act) {
	t.Helper()
	w := newWorld(t)
	w.account("administrator", path.Prepare, func(n *account.New) {
		n.Grants = account.UserAdministrator.In(account.Everywhere)
	})
	n := pairsRaced()
	all := w.many(n + 2)
	one, other := make([]func() error, n+2), make([]func() error, n+2)
	for i, a := range all {
		_, err := w.in(a.Username, goodPass)
		w.Must(err)
		one[i] = first.prepare(w, a)
		other[i] = second.prepare(w, a)
	}
	allowed := w.inOrder(all[n:], one[n:], other[n:])
	ends := make([]end, n)
	race(n, func(i int) { ends[i].First = one[i]() == nil }, func(i int) { ends[i].Second = other[i]() == nil })
	bad := 0
	for i, a := range all[:n] {
		got := w.endOf(a)
		got.First, got.Second = ends[i].First, ends[i].Second
		if !allowed[got] {
			bad++
			t.Errorf("%s: %+v; in order: %+v", a.Username, got, allowed)
		}
	}
	worldtest.Linking(t, "races: %s and %s: %d pairs, bad ends %d", first.name, second.name, n, bad)
}

// inOrder gives the ends of the two acts one after the other, in both orders.
func (w *world) inOrder(accounts []account.Account, one, other []func() error) map[end]bool {
	w.Helper()
	var ends [2]end
	ends[0].First = one[0]() == nil
	ends[0].Second = other[0]() == nil
	ends[1].Second = other[1]() == nil
	ends[1].First = one[1]() == nil
	allowed := map[end]bool{}
	for i, a := range accounts {
		e := w.endOf(a)
		e.First, e.Second = ends[i].First, ends[i].Second
		allowed[e] = true
	}
	return allowed
}

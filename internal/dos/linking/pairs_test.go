package linking_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/mailbox"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/trouble"
	"signpost/internal/platform/worldtest"
)

// act is something that may happen to an account: what prepares it, and what does it.
type act struct {
	name    string
	prepare func(w *world, a account.Account) (do func() error)
}

// raced are the acts that race. Each is prepared before any of them happens.
var raced = append([]act{
	{"link", func(w *world, a account.Account) func() error {
		cookie := w.ceremonies([]account.Account{a}, w.holds(a, "holder-"))[0]
		return func() error { return w.confirm(cookie, "") }
	}},
	{"link by relink code", func(w *world, a account.Account) func() error {
		p := person(w.holds(a, "relinker-")+a.Username, a.Email)
		p.Name = a.Name()
		cookie, err := w.claimByRelinkCode(p, a.Username, w.allow(w.admin(), a))
		w.Must(err)
		code := w.mailedCode(a.Email)
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
		w.Must(mailbox.Ask(w.Context(), w.DB, me, w.linker.Post, a.ID, "new-"+a.Email))
		code := w.mailedCode("new-" + a.Email)
		return func() error { return mailbox.Confirm(w.Context(), w.DB, me, w.linker.Post, a.ID, code) }
	}},
	{"undo", (*world).prepareUndo},
	{"undo a link that stands", func(w *world, a account.Account) func() error {
		if !w.linked(a.ID) {
			w.Must(w.confirm(w.ceremonies([]account.Account{a}, w.holds(a, "standing-"))[0], ""))
		}
		return w.prepareUndo(a)
	}},
	{"allow to link again", func(w *world, a account.Account) func() error {
		by := actor.Actor{Kind: actor.Person, ID: w.admin().ID}
		return func() error { _, err := w.linker.AllowRelink(w.Context(), by, a.ID); return err }
	}},
}, decided...)

// mailedCode is the newest code that was mailed to an address, which there must be. A mail whose delivery failed on a
// busy machine comes a little later.
func (w *world) mailedCode(to string) string {
	w.Helper()
	for begun := time.Now(); time.Since(begun) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
		if code := w.code(to); code != "" {
			return code
		}
	}
	w.Fatalf("no code came to %s", to)
	return ""
}

// holds notes with which Care Identity an account is to be linked, and gives the beginning of its number.
func (w *world) holds(a account.Account, subject string) string {
	w.holders[a.ID] = subject + a.Username
	return subject
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
	Made, MadeLinked, Approved, Held                     bool // of its request, and of its held link
	Retired, Merged, TwinLinked                          bool
}

const endOfAccount = `SELECT a.active, a.password_hash <> '',
	EXISTS (SELECT 1 FROM account_link WHERE account_id = a.id), a.relink_digest IS NOT NULL,
	EXISTS (SELECT 1 FROM session WHERE subject = a.id), a.email LIKE 'new-%',
	COALESCE(r.account_id, '') <> '', EXISTS (SELECT 1 FROM account_link WHERE account_id = r.account_id),
	EXISTS (SELECT 1 FROM link_review WHERE account_id = a.id AND approved),
	EXISTS (SELECT 1 FROM link_review WHERE account_id = a.id AND decided_at IS NULL),
	EXISTS (SELECT 1 FROM shared_case WHERE account_id = a.id AND state = 'retired'),
	EXISTS (SELECT 1 FROM account_merge WHERE id = a.id AND state = 'done'),
	EXISTS (SELECT 1 FROM account_link l JOIN account_merge m ON m.survivor = l.account_id WHERE m.id = a.id)
	FROM account a LEFT JOIN request r ON r.id = a.id WHERE a.id = $1`

func (w *world) endOf(a account.Account) end {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (end, error) {
		return db.One(ctx, r, func(scan db.Scanner) (e end, err error) {
			return e, scan(&e.Active, &e.Password, &e.Linked, &e.Relinkable, &e.Session, &e.Moved, &e.Made,
				&e.MadeLinked, &e.Approved, &e.Held, &e.Retired, &e.Merged, &e.TwinLinked)
		}, endOfAccount, a.ID)
	})
}

// Of each two acts that come at once, either order comes out, whole: the account is left as one after the other leaves
// it, and each is told what then happened. Each act succeeds somewhere, or it was prepared wrongly.
func TestEachTwoActsAtOnce(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	succeeded := map[string]bool{}
	t.Run("pairs", func(t *testing.T) {
		for i, first := range raced {
			t.Run(first.name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.account("administrator", path.Prepare, func(n *account.New) {
					n.Grants = account.UserAdministrator.In(account.Everywhere)
				})
				for _, second := range raced[i:] {
					allowed := racePair(w, first, second)
					mu.Lock()
					for e := range allowed {
						succeeded[first.name] = succeeded[first.name] || e.First
						succeeded[second.name] = succeeded[second.name] || e.Second
					}
					mu.Unlock()
				}
			})
		}
	})
	for _, one := range raced {
		if !succeeded[one.name] {
			t.Errorf("%s never succeeded", one.name)
		}
	}
}

// racePair lets two acts race for many accounts, and gives the ends that either order has.
func racePair(w *world, first, second act) (allowed map[end]bool) {
	w.Helper()
	w.Settle() // what a race before mails would crowd out the codes of this one
	n := pairsRaced
	all := w.many(n + 2)
	one, other := make([]func() error, n+2), make([]func() error, n+2)
	for i, a := range all {
		_, err := w.in(a.Username, goodPass)
		w.Must(err)
		one[i] = first.prepare(w, a)
		other[i] = second.prepare(w, a)
	}
	allowed = w.inOrder(all[n:], one[n:], other[n:])
	errs := make([][2]error, n)
	race(n, func(i int) { errs[i][0] = untilThrough(one[i]) }, func(i int) { errs[i][1] = untilThrough(other[i]) })
	bad := 0
	for i, a := range all[:n] {
		got := w.endOf(a)
		got.First = errs[i][0] == nil
		got.Second = errs[i][1] == nil
		if !allowed[got] {
			bad++
			w.Errorf("%s and %s, %s: %+v (%v, %v); in order: %+v", first.name, second.name, a.Username, got, errs[i][0],
				errs[i][1], allowed)
		}
	}
	worldtest.Linking(w, "races: %s and %s: %d pairs, bad ends %d", first.name, second.name, n, bad)
	return allowed
}

// untilThrough does an act, and again where another transaction was in the way and nothing was changed, as whoever is
// told so does.
func untilThrough(act func() error) (err error) {
	for range 20 {
		if err = act(); !errors.Is(err, trouble.ErrInTheWay) {
			return err
		}
	}
	return err
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
		e.First = ends[i].First
		e.Second = ends[i].Second
		allowed[e] = true
	}
	return allowed
}

package exception_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/exception"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

type world struct {
	*dostest.World

	office exception.Office
	boss   account.Account
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))}
	w.Start()
	w.AddWaves()
	w.office = exception.Office{DB: w.DB, Post: w.Post}
	w.boss = w.person("boss", account.Individual, path.Choose, account.UserAdministrator.In(account.OwnOrganisation))
	w.Clock.Advance(2 * time.Hour)
	return w
}

func (w *world) person(name string, kind account.Kind, phase path.Phase, grants account.Grants) account.Account {
	w.Helper()
	return w.Account(account.New{Username: name, FirstName: name, Email: name + "@example.nhs.uk", Kind: kind,
		PasswordHash: w.Hash, Grants: grants, Organisation: "A1"}, w.Waves[phase])
}

func by(a account.Account) actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name()}
}

func (w *world) of(a account.Account) (v wave.Wave) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) (err error) {
		v, err = wave.Of(ctx, r, a.ID)
		return err
	})
	return v
}

func (w *world) link(a account.Account) error {
	return w.DB.Update(w.Context(), by(w.boss), func(u *db.W) error {
		return account.AddLink(w.Context(), u, account.Link{AccountID: a.ID, Issuer: "https://cis2", Subject: a.ID})
	})
}

// Nobody gives or decides an exception who may not, nobody has one whose password is not theirs alone, and nobody
// decides about what they asked for.
func TestWhoGivesExceptions(t *testing.T) {
	w := newWorld(t)
	eve := w.person("eve", account.Individual, path.Require, nil)
	team := w.person("team", account.Shared, path.Require, nil)
	robot := w.person("robot", account.Machine, path.Require, nil)
	linked := w.person("linked", account.Individual, path.Require, nil)
	w.Must(w.link(linked))
	manager := account.UserAdministrator.In(account.OwnOrganisation)
	fresh := w.person("fresh", account.Individual, path.Choose, nil)
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddGroup(ctx, u, fresh.ID, account.UserAdministrator, account.OwnOrganisation)
	})
	peer := w.person("peer", account.Individual, path.Require, manager)
	give := func(who, to account.Account, reason string) error {
		return w.office.Give(w.Context(), by(who), to.ID, reason)
	}
	ask := func(who account.Account, days int) error {
		return w.office.Ask(w.Context(), by(who), eve.ID, days, "I am away")
	}
	var y worldtest.Tally
	for name, err := range map[string]error{
		"by nobody":           give(eve, peer, "x"),
		"to oneself":          give(w.boss, w.boss, "x"),
		"to a peer":           give(w.boss, peer, "x"),
		"a moment after":      give(fresh, eve, "x"),
		"no reason":           give(w.boss, eve, " "),
		"to a shared account": give(w.boss, team, "x"),
		"to a program":        give(w.boss, robot, "x"),
		"to who has linked":   give(w.boss, linked, "x"),
		"asked by another":    ask(linked, 5),
		"for no day":          ask(eve, 0),
		"for too long":        ask(eve, 181),
	} {
		y.Refused(t, name, err == nil)
	}
	w.Must(ask(w.boss, 5))
	if err := ask(eve, 5); !errors.Is(err, fault.Conflict) {
		t.Errorf("asked twice: %v", err)
	}
	request := w.request(eve).ID
	for name, who := range map[string]account.Account{"by who asked": w.boss, "for oneself": eve, "being new": fresh} {
		y.Refused(t, "decided "+name, w.office.Decide(w.Context(), by(who), request, true, "yes") == nil)
	}
	if w.of(eve).Phase != path.Require {
		t.Error("an exception began by what was refused")
	}
	y.Report(t, "exceptions")
	w.Clock.Advance(2 * time.Hour)
	w.Must(w.office.Decide(w.Context(), by(fresh), request, true, "yes"))
	if v := w.of(eve); v.Phase != path.Choose || !v.Exception.Equal(w.DB.Now().AddDate(0, 0, 5)) {
		t.Errorf("approved: %+v", v)
	}
	if err := w.office.Decide(w.Context(), by(fresh), request, true, "yes"); !errors.Is(err, fault.Conflict) {
		t.Errorf("decided twice: %v", err)
	}
}

func (w *world) request(a account.Account) (q exception.Request) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) (err error) {
		q, err = exception.Waiting(ctx, r, a.ID)
		return err
	})
	return q
}

// Whatever order giving, ending, linking and waiting come in: somebody is in Choose beyond their wave only while an
// exception lasts, and never once they have linked; the wave's own phase is untouched.
func TestExceptionsEndByThemselves(t *testing.T) {
	w := newWorld(t)
	dice := rand.New(rand.NewPCG(3, 4))
	excepted := 0
	for n := range 12 {
		a := w.person(fmt.Sprint("p", n), account.Individual, path.Require, nil)
		var ends time.Time
		linked := false
		for range 10 {
			switch dice.IntN(5) {
			case 0:
				if err := w.office.Give(w.Context(), by(w.boss), a.ID, "test"); err == nil {
					ends = w.DB.Now().Add(exception.Short)
				} else if !linked && !errors.Is(err, fault.TooMany) {
					t.Fatal(err)
				}
			case 1:
				if w.office.End(w.Context(), by(w.boss), a.ID) == nil {
					ends = time.Time{}
				}
			case 2:
				linked = linked || dice.IntN(2) == 0 && w.link(a) == nil
			default:
				w.Clock.Advance(time.Duration(dice.IntN(20)) * time.Hour)
			}
			want := path.Require
			if w.DB.Now().Before(ends) && !linked {
				want = path.Choose
				excepted++
			}
			if got := w.of(a).Phase; got != want {
				t.Fatalf("%s is in phase %d, want %d: ends %v, linked %v", a.Username, got, want, ends, linked)
			}
		}
	}
	if excepted < 10 {
		t.Errorf("%d were excepted: the test proves little", excepted)
	}
	w.View(func(ctx context.Context, r db.R) error {
		v, err := wave.ByID(ctx, r, w.Waves[path.Require])
		if v.Phase != path.Require {
			t.Errorf("the wave is in phase %d", v.Phase)
		}
		return err
	})
}

// Somebody links while an administrator gives them an exception; two ask and two decide at once: who has linked has
// none, and of each kind one happens.
func TestExceptionsMeetOthers(t *testing.T) {
	w := newWorld(t)
	second := w.person("second", account.Individual, path.Choose, account.UserAdministrator.In(account.OwnOrganisation))
	w.Clock.Advance(2 * time.Hour)
	for n := range 15 {
		a := w.person(fmt.Sprint("p", n), account.Individual, path.Require, nil)
		var all sync.WaitGroup
		var linked error
		var asked, decided [2]error
		all.Go(func() { linked = w.link(a) })
		all.Go(func() { _ = w.office.Give(w.Context(), by(w.boss), a.ID, "test") })
		all.Wait()
		w.Must(linked)
		if v := w.of(a); v.Phase != path.Require {
			t.Fatalf("linked, and in phase %d", v.Phase)
		}
		b := w.person(fmt.Sprint("q", n), account.Individual, path.Require, nil)
		for i := range asked {
			all.Go(func() { asked[i] = w.office.Ask(w.Context(), by(b), b.ID, 5+i, "test") })
		}
		all.Wait()
		if (asked[0] == nil) == (asked[1] == nil) {
			t.Fatalf("asked at once: %v", asked)
		}
		q := w.request(b)
		for i, who := range []account.Account{w.boss, second} {
			all.Go(func() { decided[i] = w.office.Decide(w.Context(), by(who), q.ID, i == 0, "test") })
		}
		all.Wait()
		if (decided[0] == nil) == (decided[1] == nil) {
			t.Fatalf("decided at once: %v", decided)
		}
		if open := w.of(b).Phase == path.Choose; open != (decided[0] == nil) {
			t.Errorf("open %v, decided %v", open, decided)
		}
	}
}

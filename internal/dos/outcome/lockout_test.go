package outcome_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/outcome"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
)

// days selects the week before and today.
func (w *world) days(within account.Reach) outcome.Selection {
	now := w.Clock.Now()
	return outcome.Selection{From: outcome.DayOf(now.AddDate(0, 0, -7)), Until: outcome.DayOf(now.AddDate(0, 0, 1)),
		Within: within}
}

func (w *world) move(to path.Phase, waveID string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error { return wave.SetPhase(ctx, u, waveID, to, "test") })
}

// lockouts gives how often who was locked out, as "times people".
func (w *world) lockouts(s outcome.Selection) string {
	w.Helper()
	text, err := db.Read(w.Context(), w.DB, func(r db.R) (string, error) {
		times, people, err := outcome.CountLockouts(w.Context(), r, s)
		return fmt.Sprint(times, " times, ", people, " people"), err
	})
	w.Must(err)
	return text
}

func (w *world) lockedOutNow(waveID string) (ids []string) {
	w.Helper()
	w.Must(w.DB.View(w.Context(), func(r db.R) (err error) {
		n, err := outcome.CountLockedOut(w.Context(), r, waveID, time.Time{})
		if err != nil {
			return err
		}
		if ids, err = outcome.LockedOut(w.Context(), r, waveID, time.Time{}, 10); err == nil && len(ids) != n {
			err = fmt.Errorf("%d are locked out, and %d are listed", n, len(ids))
		}
		return err
	}))
	return ids
}

// Somebody who is locked out, comes in again, and is locked out once more on the same day is locked out then, and was
// twice.
func TestASecondLockOutOfADayCounts(t *testing.T) {
	w := newWorld(t)
	all := w.days(account.Reach{Everywhere: true})
	north := w.Wave(wave.Wave{Name: "north", Phase: path.Require})
	ada := w.Account(account.New{Username: "ada", Email: "ada@example.nhs.uk", PasswordHash: w.Hash}, north)
	turn := func() {
		if err := w.types("ada", dostest.Password); err == nil {
			t.Fatal("the password opened the account")
		}
	}
	turn()
	w.Clock.Advance(10 * time.Minute)
	w.count()
	if got := w.lockouts(all); got != "0 times, 0 people" || len(w.lockedOutNow(north)) != 0 {
		t.Errorf("after 10 minutes: %s", got)
	}
	w.Clock.Advance(25 * time.Minute)
	turn()
	w.count()
	if got := w.lockouts(all); got != "1 times, 1 people" || len(w.lockedOutNow(north)) != 1 {
		t.Errorf("after 35 minutes: %s", got)
	}
	w.move(path.Choose, north)
	w.Must(w.types("ada", dostest.Password))
	w.count()
	if got := w.lockouts(all); got != "1 times, 1 people" || len(w.lockedOutNow(north)) != 0 {
		t.Errorf("let in: %s, locked out now %v", got, w.lockedOutNow(north))
	}
	w.move(path.Require, north)
	w.Clock.Advance(time.Hour)
	turn()
	w.Clock.Advance(time.Hour)
	w.count()
	if got := w.lockouts(all); got != "2 times, 1 people" || len(w.lockedOutNow(north)) != 1 {
		t.Errorf("locked out once more: %s, locked out now %v", got, w.lockedOutNow(north))
	}
	w.link(ada)
	w.count()
	if got := w.lockouts(all); got != "2 times, 1 people" || len(w.lockedOutNow(north)) != 0 {
		t.Errorf("linked: %s, locked out now %v", got, w.lockedOutNow(north))
	}
	all.Wave = w.Waves[path.Choose]
	if got := w.lockouts(all); got != "0 times, 0 people" {
		t.Errorf("in another wave: %s", got)
	}
}

// Whoever links within half an hour was not locked out.
func TestWhoLinksAtOnceIsNotLockedOut(t *testing.T) {
	w := newWorld(t)
	ada := w.person("ada", path.Require)
	if err := w.types("ada", dostest.Password); err == nil {
		t.Fatal("the password opened the account")
	}
	w.Clock.Advance(20 * time.Minute)
	w.link(ada)
	w.Clock.Advance(time.Hour)
	w.count()
	if got := w.lockouts(w.days(account.Reach{Everywhere: true})); got != "0 times, 0 people" {
		t.Error(got)
	}
}

// ledger is what a test knows of people by what it had them do.
type ledger struct {
	linked map[string]bool
	out    map[string]time.Time // since when each is turned away
	times  int
}

func (l *ledger) turnedAway(id string, at time.Time) {
	if l.out[id].IsZero() {
		l.out[id] = at
	}
}

func (l *ledger) cameIn(id string, at time.Time) {
	if begun := l.out[id]; !begun.IsZero() && at.Sub(begun) > 30*time.Minute {
		l.times++
	}
	delete(l.out, id)
}

// act has somebody do something by chance.
func (w *world) act(dice *rand.Rand, a account.Account, l *ledger) {
	now := w.Clock.Now()
	switch dice.IntN(8) {
	case 0:
		if !l.linked[a.ID] && dice.IntN(3) == 0 {
			w.link(a)
			l.linked[a.ID] = true
			l.cameIn(a.ID, now)
		}
	case 1, 2, 3:
		at := position()
		at.OrgCode = []string{"Z99Z9", "RXK"}[dice.IntN(2)]
		if w.comes(a.Username, []string{"FIDO2", "TOTP"}[dice.IntN(2)], at) {
			l.cameIn(a.ID, now)
		}
	default:
		err := w.types(a.Username, dostest.Password)
		switch {
		case err == nil:
			l.cameIn(a.ID, now)
		case errors.Is(err, signin.ErrRequire), errors.Is(err, signin.ErrClosed):
			l.turnedAway(a.ID, now)
		}
	}
}

// tries adds up the logins that are meant.
func (w *world) tries(s outcome.Selection) (n int) {
	w.Helper()
	list, err := db.Read(w.Context(), w.DB, func(r db.R) ([]outcome.Count, error) {
		return outcome.Counts(w.Context(), r, s)
	})
	w.Must(err)
	for _, c := range list {
		if c.Outcome != outcome.Linked {
			n += c.Tries
		}
	}
	return n
}

// After random logins the counts of all add up to the events, those of every wave and of every reach to the whole, and
// somebody was locked out as often as they were turned away for longer than half an hour.
func TestCountsAddUpToTheEvents(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { addUp(t, rand.New(rand.NewPCG(seed, 7))) })
	}
}

func addUp(t *testing.T, dice *rand.Rand) {
	w := newWorld(t)
	phases := []path.Phase{path.Choose, path.Require, path.Closed}
	var people []account.Account
	var waves []string
	for i := range 3 {
		waves = append(waves, w.Wave(wave.Wave{Name: fmt.Sprint("random ", i), Phase: phases[i]}))
	}
	for i := range 9 {
		name := fmt.Sprint("p", i)
		people = append(people, w.Account(account.New{Username: name, Email: name + "@example.nhs.uk",
			Organisation: []string{"Z99Z9", "RXK", ""}[i%3], Region: []string{"north", "south"}[i%2],
			PasswordHash: w.Hash}, waves[i/3]))
	}
	known := &ledger{linked: map[string]bool{}, out: map[string]time.Time{}}
	for range 150 {
		w.Clock.Advance(time.Duration(dice.IntN(60)) * time.Minute)
		if dice.IntN(10) == 0 {
			w.move(phases[dice.IntN(3)], waves[dice.IntN(3)])
		}
		w.act(dice, people[dice.IntN(len(people))], known)
		if dice.IntN(8) == 0 {
			w.Must(w.watch.Count(w.Context()))
		}
	}
	w.Clock.Advance(time.Hour)
	w.count()
	events, err := db.Read(w.Context(), w.DB, func(r db.R) (int, error) {
		return db.Value[int](w.Context(), r, `SELECT COUNT(*) FROM event
			WHERE kind IN ('signin.in', 'signin.not-in', 'signin.password-over')`)
	})
	w.Must(err)
	all := w.days(account.Reach{Everywhere: true})
	whole := w.tries(all)
	if whole != events || whole == 0 {
		t.Errorf("%d logins are counted, and there are %d events", whole, events)
	}
	parts := 0
	placed := 0
	for _, id := range waves {
		one := all
		one.Wave = id
		parts += w.tries(one)
	}
	for _, region := range []string{"north", "south"} {
		placed += w.tries(w.days(account.Reach{Regions: []string{region}}))
	}
	if parts != placed || parts == whole || parts == 0 {
		t.Errorf("%d logins in waves, %d in regions, of %d", parts, placed, whole)
	}
	for id := range known.out {
		known.cameIn(id, w.Clock.Now())
	}
	want := fmt.Sprint(known.times, " times")
	if got := w.lockouts(all); !strings.HasPrefix(got, want) || known.times == 0 {
		t.Errorf("locked out %s, want %s", got, want)
	}
}

package signin_test

import (
	"errors"
	"sync"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
)

// Somebody who logs in from several browsers at once, just before midnight in London and just after it, has worked one
// day before and one after, and never loses or wins one.
func TestSeveralBrowsersAtMidnightCountEachDayOnce(t *testing.T) {
	w := newWorld(t)
	const allowance = 4
	of := w.Wave(wave.Wave{Name: "days", Phase: path.Require, Allowance: allowance})
	w.Account(account.New{Username: "cat", FirstName: "Cat", Email: "cat@example.nhs.uk", PasswordHash: w.Hash}, of)
	midnight := time.Date(2026, 11, 3, 0, 0, 0, 0, time.UTC) // as in London
	w.Clock.Advance(midnight.Add(-time.Second).Sub(w.Clock.Now()))
	for day := 1; day <= allowance+1; day++ {
		var cookies [3]string
		var errs [3]error
		var all sync.WaitGroup
		for i := range cookies {
			all.Go(func() { cookies[i], errs[i] = w.in("cat", goodPass) })
		}
		all.Wait()
		for i, err := range errs {
			if day > allowance {
				if !errors.Is(err, signin.ErrRequire) {
					t.Errorf("day %d, after the last: %v", day, err)
				}
				continue
			}
			w.Must(err)
			if c, err := w.user(cookies[i]); err != nil || c.Days.Left != allowance-day {
				t.Errorf("day %d, browser %d: %+v %v", day, i, c.Days, err)
			}
		}
		if day%2 == 1 {
			w.Clock.Advance(2 * time.Second) // over midnight
		} else {
			w.Clock.Advance(48*time.Hour - 2*time.Second) // to just before the end of the next day
		}
	}
}

// Whoever puts linking off from several browsers at once does so no more often than the wave grants.
func TestPuttingOffFromSeveralBrowsersAtOnce(t *testing.T) {
	w := newWorld(t)
	const allowance = 2
	of := w.Wave(wave.Wave{Name: "days", Phase: path.Choose, Allowance: allowance})
	cat := w.Account(account.New{Username: "cat", FirstName: "Cat", Email: "cat@example.nhs.uk", PasswordHash: w.Hash},
		of)
	put := 0
	for range 3 {
		c, err := w.user(w.cameIn("cat"))
		w.Must(err)
		var errs [3]error
		var all sync.WaitGroup
		for i := range errs {
			all.Go(func() {
				errs[i] = signin.PutOff(w.Context(), w.DB, actor.Actor{Kind: actor.Person, ID: cat.ID}, c.Session)
			})
		}
		all.Wait()
		for _, err := range errs {
			if err == nil {
				put++
			}
		}
		w.Clock.Advance(25 * time.Hour)
	}
	kept := w.Count(`SELECT put_off FROM worked_day WHERE account_id = $1`, cat.ID)
	if put != allowance || kept != allowance {
		t.Errorf("put off %d times, kept as %d; the wave grants %d", put, kept, allowance)
	}
}

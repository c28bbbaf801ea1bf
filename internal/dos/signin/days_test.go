package signin_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// cameIn logs somebody in with their password, and gives the cookie.
func (w *world) cameIn(username string) string {
	w.Helper()
	cookie, err := w.in(username, goodPass)
	w.Must(err)
	return cookie
}

// user gives the user of a session.
func (w *world) user(cookie string) (signin.Current, error) {
	return db.Read(w.Context(), w.DB, func(r db.R) (signin.Current, error) {
		s, err := signin.Sessions.Find(w.Context(), r, cookie)
		if err != nil {
			return signin.Current{}, err
		}
		return signin.Find(w.Context(), r, s)
	})
}

func TestDecidePassword(t *testing.T) {
	type facts = signin.PasswordFacts
	days := func(f facts) facts {
		f.Kind = account.Individual
		f.Phase = path.Require
		f.Allowance = 3
		return f
	}
	over := func(reason error) signin.PasswordDecision { return signin.PasswordDecision{Problem: reason} }
	none := signin.PasswordDecision{}
	person := account.Individual
	for name, tt := range map[string]struct {
		facts facts
		want  signin.PasswordDecision
	}{
		"prepare":             {facts{Kind: person, Phase: path.Prepare, Worked: 9}, none},
		"choose, long in use": {facts{Kind: person, Phase: path.Choose, Worked: 9}, none},
		"require, no days":    {facts{Kind: person, Phase: path.Require, Worked: 1}, over(signin.ErrRequire)},
		"the first of three":  {days(facts{Worked: 1}), signin.PasswordDecision{Limited: true, Left: 2}},
		"the second":          {days(facts{Worked: 2}), signin.PasswordDecision{Limited: true, Left: 1}},
		"the last":            {days(facts{Worked: 3}), signin.PasswordDecision{Limited: true, ReadingOnly: true}},
		"the day after":       {days(facts{Worked: 4}), over(signin.ErrRequire)},
		"linked":              {days(facts{Worked: 1, Linked: true}), over(signin.ErrRequire)},
		"closed, never came in": {facts{Kind: person, Phase: path.Closed, Allowance: 3, Worked: 1},
			over(signin.ErrClosed)},
		"shared": {facts{Kind: account.Shared, Phase: path.Require, Allowance: 3, Worked: 1},
			over(signin.ErrSharedEnded)},
		"shared, before": {facts{Kind: account.Shared, Phase: path.Choose, Worked: 1}, none},
		"shared, that retired": {facts{Kind: account.Shared, Phase: path.Choose, Retired: true, Worked: 1},
			over(signin.ErrSharedEnded)},
		"of a program": {facts{Kind: account.Machine, Phase: path.Require, Allowance: 3, Worked: 1},
			over(signin.ErrRequire)},
	} {
		if got := signin.DecidePassword(tt.facts); got != tt.want {
			t.Errorf("%s: %+v, want %+v", name, got, tt.want)
		}
	}
}

// Days are counted on which somebody logs in, from their first login after the wave entered Require: however long they
// were away, they have them all. On the last they may look alone, and after it the door is shut.
func TestTheClockStartsAtThePerson(t *testing.T) {
	w := newWorld(t)
	of := w.Wave(wave.Wave{Name: "days", Phase: path.Choose, Allowance: 3})
	cat := w.Account(account.New{Username: "cat", FirstName: "Cat", Email: "cat@example.nhs.uk", PasswordHash: w.Hash,
		Grants: account.OwnOrganisation.Of(account.EditService)}, of)
	before := w.cameIn("cat")
	w.Update(func(ctx context.Context, u *db.W) error { return wave.SetPhase(ctx, u, of, path.Require, "test") })
	if _, err := w.user(before); !errors.Is(err, fault.Unauthenticated) {
		t.Errorf("a session of before: %v", err)
	}
	w.Clock.Advance(60 * 24 * time.Hour) // on leave
	for day := 1; day <= 3; day++ {
		for range 2 { // twice a day is one day
			cookie := w.cameIn("cat")
			c, err := w.user(cookie)
			w.Must(err)
			last := day == 3
			if c.Days.Left != 3-day || c.Days.ReadingOnly != last || c.Grants.Hold(account.EditService) == last {
				t.Errorf("day %d: %+v, %v", day, c.Days, c.Grants)
			}
		}
		w.Clock.Advance(9 * 24 * time.Hour)
	}
	if _, err := w.in("cat", goodPass); !errors.Is(err, signin.ErrRequire) {
		t.Errorf("on the fourth day: %v", err)
	}
	// A wave that goes back and comes again begins anew, and revives no session.
	w.Update(func(ctx context.Context, u *db.W) error { return wave.SetPhase(ctx, u, of, path.Choose, "test") })
	w.Update(func(ctx context.Context, u *db.W) error { return wave.SetPhase(ctx, u, of, path.Require, "test") })
	w.Clock.Advance(time.Minute)
	if c, err := w.user(w.cameIn("cat")); err != nil || c.Days.Left != 2 {
		t.Errorf("anew: %+v %v", c.Days, err)
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: cat.ID, Issuer: "https://cis2.example", Subject: "9"})
	})
	if _, err := w.in("cat", goodPass); err == nil {
		t.Error("the password of somebody who has linked works")
	}
}

// An exception neither uses up the days of somebody nor gives them back.
func TestAnExceptionLeavesTheDays(t *testing.T) {
	w := newWorld(t)
	of := w.Wave(wave.Wave{Name: "days", Phase: path.Require, Allowance: 2})
	cat := w.Account(account.New{Username: "cat", FirstName: "Cat", Email: "cat@example.nhs.uk", PasswordHash: w.Hash},
		of)
	w.Clock.Advance(time.Minute)
	left := func(want signin.PasswordDecision) {
		t.Helper()
		c, err := w.user(w.cameIn("cat"))
		if err != nil || c.Days.PasswordDecision != want {
			t.Errorf("%+v, %v, want %+v", c.Days, err, want)
		}
		w.Clock.Advance(24 * time.Hour)
	}
	left(signin.PasswordDecision{Limited: true, Left: 1})
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `INSERT INTO wave_exception (account_id, begun_at, ends_at, given_by, given_name, reason)
			VALUES ($1, $2, $3, '', '', '')`, cat.ID, u.Now(), u.Now().Add(71*time.Hour))
		return err
	})
	for range 3 {
		left(signin.PasswordDecision{})
	}
	left(signin.PasswordDecision{Limited: true, ReadingOnly: true})
	if _, err := w.in("cat", goodPass); !errors.Is(err, signin.ErrRequire) {
		t.Errorf("after the last day: %v", err)
	}
}

// Whoever was logged out by a phase is told to log in again where their password works, and that it does not where not.
func TestALogoutByAPhaseSaysWhetherThePasswordWorks(t *testing.T) {
	w := newWorld(t)
	of := w.Wave(wave.Wave{Name: "days", Phase: path.Choose})
	w.Account(account.New{Username: "cat", FirstName: "Cat", Email: "cat@example.nhs.uk", PasswordHash: w.Hash}, of)
	before := w.cameIn("cat")
	move := func(to path.Phase, cure string) {
		t.Helper()
		w.Update(func(ctx context.Context, u *db.W) error { return wave.SetPhase(ctx, u, of, to, "test") })
		_, err := w.user(before)
		if said, is := fault.From(err); !is || !strings.HasPrefix(said.Cure, cure) {
			t.Errorf("in phase %d: %v", to, err)
		}
	}
	move(path.Require, "Log in with your Care Identity.")
	move(path.Choose, "Log in again.")
}

// Linking can be put off for a day from the login, for as many days as the wave grants and no more.
func TestPuttingOff(t *testing.T) {
	w := newWorld(t)
	of := w.Wave(wave.Wave{Name: "days", Phase: path.Choose, Allowance: 2})
	w.Account(account.New{Username: "cat", FirstName: "Cat", Email: "cat@example.nhs.uk", PasswordHash: w.Hash}, of)
	for day := 1; day <= 3; day++ {
		c, err := w.user(w.cameIn("cat"))
		w.Must(err)
		if !c.Days.Asked || c.Days.PutOffs != max(3-day, 0) {
			t.Errorf("day %d: %+v", day, c.Days)
		}
		w.Clock.Advance(time.Hour)
		by := actor.Actor{Kind: actor.Person, ID: c.Account.ID}
		err = signin.PutOff(w.Context(), w.DB, by, c.Session)
		if (err == nil) != (day < 3) {
			t.Errorf("day %d: %v", day, err)
		}
		w.Clock.Advance(22 * time.Hour)
		if c, err := w.user(w.cameIn("cat")); err != nil || c.Days.Asked != (day == 3) {
			t.Errorf("23 hours after login %d: asked %v, %v", day, c.Days.Asked, err)
		}
		w.Clock.Advance(time.Hour + time.Minute)
	}
}

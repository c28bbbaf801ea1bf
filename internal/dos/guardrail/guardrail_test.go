package guardrail_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/guardrail"
	"signpost/internal/dos/outcome"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/worldtest"
)

func TestALimitIsReachedByNumberOrByShare(t *testing.T) {
	for name, tt := range map[string]struct {
		limit     guardrail.Limit
		count, of int
		want      bool
		allowed   int
	}{
		"nobody":                       {guardrail.Limit{People: 5, Permille: 10}, 0, 10, false, 0},
		"one of ten is more than 1 %":  {guardrail.Limit{People: 5, Permille: 10}, 1, 10, true, 0},
		"five of a thousand":           {guardrail.Limit{People: 5, Permille: 10}, 5, 1000, false, 5},
		"six of a thousand":            {guardrail.Limit{People: 5, Permille: 10}, 6, 1000, true, 5},
		"as many as the share allows":  {guardrail.Limit{People: 50, Permille: 10}, 2, 200, false, 2},
		"one more than that":           {guardrail.Limit{People: 50, Permille: 10}, 3, 200, true, 2},
		"everybody may, by number":     {guardrail.Limit{People: 1000, Permille: 1000}, 10, 10, false, 10},
		"nobody in the wave":           {guardrail.Limit{}, 0, 0, false, 0},
		"somebody of before, none now": {guardrail.Limit{People: 5, Permille: 10}, 1, 0, true, 0},
	} {
		r := guardrail.Rail{Limit: tt.limit, Count: tt.count, Of: tt.of}
		if r.Broken() != tt.want || r.Allowed() != tt.allowed {
			t.Errorf("%s: broken %v, allowed %d", name, r.Broken(), r.Allowed())
		}
	}
}

const issuer = "https://issuer.example"

// world has a wave of people who log in.
type world struct {
	*dostest.World

	desk   *signin.PasswordSignIn
	door   *signin.Door
	watch  outcome.Watch
	patrol guardrail.Patrol
	mover  account.Account
	wave   string
	people []account.Account
}

func newWorld(t *testing.T, people int) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 7, 2, 8, 0, 0, 0, time.UTC))}
	w.Start()
	w.desk = &signin.PasswordSignIn{DB: w.DB, Hasher: w.Passwords, Box: w.Box}
	w.door = &signin.Door{DB: w.DB, Box: w.Box}
	w.watch = outcome.Watch{DB: w.DB}
	w.patrol = guardrail.Patrol{DB: w.DB, Post: w.Post, Home: "https://dos.example"}
	w.wave = w.Wave(wave.Wave{Name: "north", Phase: path.Require})
	w.mover = w.person("mover", "", "", account.Everywhere.Of(account.ManageWaves))
	w.person("here", "", "Z99Z9", account.OwnOrganisation.Of(account.ManageUsers))
	w.person("elsewhere", "", "RXK", account.OwnOrganisation.Of(account.ManageUsers))
	for i := range people {
		w.people = append(w.people, w.person(fmt.Sprint("person", i), w.wave, "Z99Z9", nil))
	}
	return w
}

func (w *world) person(username, waveID, organisation string, grants account.Grants) account.Account {
	w.Helper()
	return w.Account(account.New{Username: username, FirstName: "Ada", Email: username + "@example.nhs.uk",
		Organisation: organisation, PasswordHash: w.Hash, Grants: grants}, waveID)
}

// turnedAway has people type their right password, which opens nothing any more.
func (w *world) turnedAway(people ...account.Account) {
	w.Helper()
	for _, a := range people {
		_, err := w.desk.WithPassword(w.Context(), actor.Actor{Kind: actor.Stranger},
			signin.Typed{Username: a.Username, Password: dostest.Password}, "")
		if !errors.Is(err, signin.ErrRequire) {
			w.Fatalf("%s: %v", a.Username, err)
		}
	}
}

func (w *world) link(a account.Account) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: a.ID, Issuer: issuer, Subject: a.Username, How: "test",
			Linked: u.Now()})
	})
}

// refused has people come with their Care Identity, which has no position.
func (w *world) refused(people ...account.Account) {
	w.Helper()
	for _, a := range people {
		w.Update(func(ctx context.Context, u *db.W) error {
			admission, err := w.door.Admit(ctx, u, signin.Visitor{Access: relying.Access{Token: "t"},
				Person: cis2.Person{Issuer: issuer, Subject: a.Username, IdentityLevel: 3}})
			return errors.Join(err, u.RecordRefusal(ctx, admission.Event))
		})
	}
}

// look counts what has come and looks at the rails, some minutes later.
func (w *world) look(after time.Duration) {
	w.Helper()
	w.Clock.Advance(after)
	w.Must(w.watch.Count(w.Context()))
	w.Must(w.patrol.Look(w.Context()))
}

func (w *world) now() wave.Wave {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (wave.Wave, error) {
		return wave.ByID(ctx, r, w.wave)
	})
}

func (w *world) paused() bool { w.Helper(); return !w.now().Pause.At.IsZero() }

// A wave is paused when too many people are locked out, as people and not as tries, once, with the reason, and whoever
// has to know is told. Those who link within the half hour, or later, are not locked out.
func TestTooManyLockOutsPauseAWave(t *testing.T) {
	w := newWorld(t, 300)
	w.turnedAway(w.people[:6]...)
	w.turnedAway(w.people[0], w.people[0])
	w.link(w.people[5])
	w.look(20 * time.Minute)
	if w.paused() {
		t.Fatal("paused while people still link")
	}
	w.link(w.people[4])
	w.link(w.people[3])
	w.look(20 * time.Minute)
	if w.paused() {
		t.Fatal("3 of 300 people paused the wave")
	}
	w.turnedAway(w.people[6])
	w.look(31 * time.Minute)
	of := w.now()
	if of.Pause.At.IsZero() || !strings.Contains(of.Pause.Reason, "People locked out: 4, limit 3") ||
		of.Phase != path.Require {
		t.Fatalf("the wave is %+v", of)
	}
	w.turnedAway(w.people[7:12]...)
	w.look(time.Hour)
	events := w.Events(guardrail.Tripped)
	if len(events) != 1 || events[0].ActorKind != "job" || events[0].Subject.ID != w.wave ||
		!strings.Contains(events[0].Reason, "People locked out: 4, limit 3") {
		t.Errorf("the events are %+v", events)
	}
	for to, want := range map[string]int{"mover": 1, "here": 1, "elsewhere": 0, "person0": 0} {
		if got := w.Mailed("guardrail.tripped", to+"@example.nhs.uk"); got != want {
			t.Errorf("%s got %d mails, want %d", to, got, want)
		}
	}
	for to, link := range map[string]string{"mover": "/waves/" + w.wave, "here": "/users?state=not-linked&wave=" + w.wave} {
		text := w.Mails.To(to + "@example.nhs.uk")[0].Text
		if !strings.Contains(text, "https://dos.example"+link+"\n") {
			t.Errorf("%s is not led to what they may open: %s", to, text)
		}
	}
}

// After somebody has ended the pause it is counted from then on, so what they know of stops nothing again.
func TestAResumedWaveIsCountedAnew(t *testing.T) {
	w := newWorld(t, 300)
	w.turnedAway(w.people[:4]...)
	w.look(40 * time.Minute)
	w.Update(func(ctx context.Context, u *db.W) error { return wave.Resume(ctx, u, w.wave, "They are helped") })
	w.look(time.Minute)
	if w.paused() {
		t.Error("paused again by what was known")
	}
	w.turnedAway(w.people[4:8]...)
	w.look(40 * time.Minute)
	if !w.paused() {
		t.Error("not paused by four more")
	}
}

// What was counted in the phase before counts no more.
func TestAnotherPhaseIsCountedAnew(t *testing.T) {
	w := newWorld(t, 300)
	w.turnedAway(w.people[:4]...)
	w.Clock.Advance(40 * time.Minute)
	w.Must(w.watch.Count(w.Context()))
	w.Update(func(ctx context.Context, u *db.W) error { return wave.SetPhase(ctx, u, w.wave, path.Choose, "Back") })
	w.look(time.Minute)
	if w.paused() {
		t.Error("paused by what was counted before")
	}
}

// Refusals of linked people and tickets pause a wave, too; whoever left is nobody who is locked out.
func TestOtherGuardRails(t *testing.T) {
	w := newWorld(t, 20)
	w.Must(w.set(guardrail.Refusals, guardrail.Limit{People: 2, Permille: 1000}))
	for _, a := range w.people[:3] {
		w.link(a)
	}
	w.refused(w.people[0], w.people[1], w.people[1])
	w.Clock.Advance(24 * time.Hour)
	w.refused(w.people[1])
	w.turnedAway(w.people[9])
	w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, w.people[9].ID, "left") })
	w.look(40 * time.Minute)
	if w.paused() {
		t.Fatalf("paused: %+v", w.now().Pause)
	}
	w.refused(w.people[2])
	w.look(time.Minute)
	const refusals = "People refused with their Care Identity: 3, limit 2"
	if reason := w.now().Pause.Reason; !strings.HasSuffix(reason, refusals) {
		t.Errorf("the reason is %q", reason)
	}
	w.Update(func(ctx context.Context, u *db.W) error { return wave.Resume(ctx, u, w.wave, "Seen") })
	since := w.Clock.Now()
	w.patrol.Rails.Tickets = func(_ context.Context, _ db.R, waveID string, from time.Time) (int, error) {
		if waveID != w.wave || !from.Equal(since) {
			t.Errorf("asked about %s since %v", waveID, from)
		}
		return 2, nil
	}
	w.look(time.Minute)
	if reason := w.now().Pause.Reason; !strings.HasSuffix(reason, "People who asked for help: 2, limit 1") {
		t.Errorf("the reason is %q", reason)
	}
}

func (w *world) set(n guardrail.Name, l guardrail.Limit) error {
	return w.patrol.Rails.SetLimits(w.Context(), w.DB, w.by(w.mover), w.wave, map[guardrail.Name]guardrail.Limit{n: l})
}

func (w *world) by(a account.Account) actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name()}
}

func TestWhoMaySetLimits(t *testing.T) {
	w := newWorld(t, 1)
	w.Must(w.set(guardrail.LockOuts, guardrail.Limit{People: 0, Permille: 1000}))
	var y worldtest.Tally
	for name, tt := range map[string]struct {
		by    actor.Actor
		wave  string
		limit guardrail.Limit
		want  error
	}{
		"whoever may not move waves": {w.by(w.people[0]), w.wave, guardrail.Limit{}, fault.Forbidden},
		"a stranger":                 {actor.Actor{Kind: actor.Stranger}, w.wave, guardrail.Limit{}, fault.Forbidden},
		"of no wave":                 {w.by(w.mover), "none", guardrail.Limit{}, fault.NotFound},
		"below none":                 {w.by(w.mover), w.wave, guardrail.Limit{People: -1}, fault.Invalid},
		"too many":                   {w.by(w.mover), w.wave, guardrail.Limit{People: 1_000_001}, fault.Invalid},
		"a share below none":         {w.by(w.mover), w.wave, guardrail.Limit{Permille: -1}, fault.Invalid},
		"more than all":              {w.by(w.mover), w.wave, guardrail.Limit{Permille: 1001}, fault.Invalid},
	} {
		err := w.patrol.Rails.SetLimits(w.Context(), w.DB, tt.by, tt.wave,
			map[guardrail.Name]guardrail.Limit{guardrail.LockOuts: tt.limit})
		y.Refused(t, name, err == nil)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	y.Report(t, "limits of guard rails")
	rails := worldtest.Read(w.World.World, func(ctx context.Context, r db.R) ([]guardrail.Rail, error) {
		of, err := wave.ByID(ctx, r, w.wave)
		if err != nil {
			return nil, err
		}
		return w.patrol.Rails.Of(ctx, r, of)
	})
	if got := rails[0].Limit; got != (guardrail.Limit{People: 0, Permille: 1000}) {
		t.Errorf("the limit is %+v", got)
	}
}

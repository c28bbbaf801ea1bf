package mirror_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/outcome"
	"signpost/internal/dos/rollout/mirror"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/exception"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/worldtest"
)

const issuer = "https://issuer.example"

// world has a wave in Choose whose people log in.
type world struct {
	*dostest.World

	desk   *signin.PasswordSignIn
	door   *signin.Door
	watch  outcome.Watch
	office mirror.Office
	mover  account.Account
	wave   string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, time.Date(2026, 7, 2, 8, 0, 0, 0, time.UTC))}
	w.Start()
	w.desk = &signin.PasswordSignIn{DB: w.DB, Hasher: w.Passwords, Box: w.Box}
	w.door = &signin.Door{DB: w.DB, Box: w.Box}
	w.watch = outcome.Watch{DB: w.DB, Also: mirror.Follow}
	w.office = mirror.Office{DB: w.DB, Post: w.Post, Home: "https://dos.example"}
	w.wave = w.Wave(wave.Wave{Name: "north", Phase: path.Choose})
	w.mover = w.person("mover", "", "", account.Everywhere.Of(account.ManageWaves))
	w.person("here", "", "Z99Z9", account.OwnOrganisation.Of(account.ManageUsers))
	w.person("elsewhere", "", "RXK", account.OwnOrganisation.Of(account.ManageUsers))
	return w
}

func (w *world) person(username, waveID, organisation string, grants account.Grants) account.Account {
	w.Helper()
	return w.Account(account.New{Username: username, FirstName: "Ada", Email: username + "@example.nhs.uk",
		Organisation: organisation, PasswordHash: w.Hash, Grants: grants}, waveID)
}

// types logs in with a password, wherever that leads.
func (w *world) types(usernames ...string) (err error) {
	for _, username := range usernames {
		_, failed := w.desk.WithPassword(w.Context(), actor.Actor{Kind: actor.Stranger},
			signin.Typed{Username: username, Password: dostest.Password}, "")
		err = errors.Join(err, failed)
	}
	return err
}

func (w *world) link(a account.Account) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: a.ID, Issuer: issuer, Subject: a.Username, How: "test",
			Linked: u.Now()})
	})
}

// comes logs in with a Care Identity.
func (w *world) comes(a account.Account) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		admission, err := w.door.Admit(ctx, u, signin.Visitor{Access: relying.Access{Token: "t"},
			Person: cis2.Person{Issuer: issuer, Subject: a.Username, IdentityLevel: 3,
				Roles: []cis2.NationalRole{{PersonRoleID: "1", OrgCode: "Z99Z9", RoleCode: "S8002:G8003:R8008",
					ActivityCodes: []string{"B0166"}}}}})
		if err == nil && !admission.Admitted {
			err = fmt.Errorf("not let in: %s", admission.Outcome)
		}
		return errors.Join(err, u.Record(ctx, admission.Event))
	})
}

func (w *world) set(from time.Time, days int) (string, error) {
	return w.office.Set(w.Context(), by(w.mover), w.wave, from, days)
}

func by(a account.Account) actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name()}
}

func (w *world) read(id string) mirror.Report {
	w.Helper()
	w.Clock.Advance(time.Minute)
	w.Must(w.watch.Count(w.Context()))
	v, err := mirror.Read(w.Context(), w.DB, id)
	w.Must(err)
	return v
}

// On a mirror day everybody comes in as before, and it is noted who would have been turned away, as people. The next
// morning whoever has to know is told, once.
func TestAMirrorDay(t *testing.T) {
	w := newWorld(t)
	w.person("ada", w.wave, "Z99Z9", nil)
	w.person("bo", w.wave, "RXK", nil)
	cy := w.person("cy", w.wave, "Z99Z9", nil)
	di := w.person("di", w.wave, "Z99Z9", nil)
	w.person("away", w.wave, "Z99Z9", nil)
	w.person("other", w.Wave(wave.Wave{Name: "south", Phase: path.Choose}), "Z99Z9", nil)
	tomorrow := w.Clock.Now().AddDate(0, 0, 1)
	id, err := w.set(tomorrow, 1)
	w.Must(err)
	w.Must(w.types("ada")) // too early
	w.Clock.Advance(15 * time.Hour)
	w.Must(w.types("ada", "ada", "bo", "di", "other"))
	first := w.Clock.Now()
	w.link(cy)
	w.comes(cy)
	w.Clock.Advance(10 * time.Hour)
	w.Must(w.types("ada"))
	w.link(di)
	w.comes(di)
	w.Clock.Advance(14 * time.Hour) // too late
	w.Must(w.types("bo", "away"))
	v := w.read(id)
	if v.Came != 4 || v.TurnedAway != 3 || v.Mirror.Phase != path.Require {
		t.Fatalf("came %d, turned away %d: %+v", v.Came, v.TurnedAway, v)
	}
	found := map[string]string{}
	for _, p := range v.People {
		found[w.username(p.Account)] = fmt.Sprint(p.Organisation, " ", p.AlsoEntered, " ", p.First.Equal(first), " ",
			p.Now.Outcome)
	}
	// Nobody was asked about them, so it is not known whether they hold the position.
	want := map[string]string{"ada": "Z99Z9 false true unsure", "bo": "RXK false true unsure",
		"di": "Z99Z9 true true unsure"}
	if fmt.Sprint(found) != fmt.Sprint(want) {
		t.Errorf("found %v, want %v", found, want)
	}
	if len(v.Places) != 2 || v.Places[0].Organisation != "Z99Z9" || v.Places[0].People != 2 {
		t.Errorf("places: %+v", v.Places)
	}
	w.Must(w.office.Tell(w.Context()))
	w.mailed(map[string]int{"mover": 0})
	w.Clock.Advance(8 * time.Hour)
	w.Must(w.office.Tell(w.Context()))
	w.Must(w.office.Tell(w.Context()))
	w.mailed(map[string]int{"mover": 1, "here": 1, "elsewhere": 1, "ada": 0})
	if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'mirror.reported'`); n != 1 {
		t.Errorf("%d events", n)
	}
}

func (w *world) username(id string) string {
	w.Helper()
	return worldtest.Read(w.World.World, func(ctx context.Context, r db.R) (string, error) {
		a, err := account.ByID(ctx, r, id)
		return a.Username, err
	})
}

func (w *world) mailed(want map[string]int) {
	w.Helper()
	for to, n := range want {
		if got := w.Mailed("mirror.reported", to+"@example.nhs.uk"); got != n {
			w.Errorf("%s got %d mails, want %d", to, got, n)
		}
		for _, m := range w.Mails.To(to + "@example.nhs.uk") {
			if report := strings.Contains(m.Text, "/waves/"+w.wave+"/mirrors/"); report != (to == "mover") {
				w.Errorf("%s is led to the report: %v", to, report)
			}
		}
	}
}

// Days of work that a wave grants let people in on a mirror day as they will at the door, until they are used up; and
// an exception as long as it stands.
func TestAMirrorGrantsTheDaysOfTheWave(t *testing.T) {
	w := newWorld(t)
	w.wave = w.Wave(wave.Wave{Name: "granted", Phase: path.Choose, Allowance: 2})
	ada := w.person("ada", w.wave, "Z99Z9", nil)
	id, err := w.set(w.Clock.Now(), 5)
	w.Must(err)
	for _, turnedAway := range []int{0, 0, 1} {
		w.Must(w.types("ada", "ada"))
		if v := w.read(id); v.TurnedAway != turnedAway || v.Came != 1 {
			t.Errorf("of %d who came, %d were turned away, want %d", v.Came, v.TurnedAway, turnedAway)
		}
		w.Clock.Advance(24 * time.Hour)
	}
	w.Must(exception.Office{DB: w.DB, Post: w.Post}.Give(w.Context(), actor.ForCommand("test"), ada.ID, "On leave"))
	w.Must(w.types("ada"))
	w.read(id)
	days := w.Count(`SELECT COUNT(*) FROM mirror_person WHERE turned_away > 0`)
	if days != 1 {
		t.Errorf("turned away on %d days, of which one was under an exception", days)
	}
}

// What the mirror says of somebody is what the door does once the wave is in that phase.
func TestAMirrorSaysWhatTheDoorWillDo(t *testing.T) {
	w := newWorld(t)
	people := []account.Account{w.person("ada", w.wave, "Z99Z9", nil), w.person("bo", w.wave, "Z99Z9", nil)}
	team := w.Account(account.New{Username: "team", FirstName: "T", Email: "team@example.nhs.uk", Kind: account.Shared,
		PasswordHash: w.Hash}, w.wave)
	w.link(people[1])
	id, err := w.set(w.Clock.Now(), 1)
	w.Must(err)
	w.Must(w.types("ada", "team"))
	w.comes(people[1])
	v := w.read(id)
	would := map[string]bool{}
	for _, p := range v.People {
		would[p.Account] = true
	}
	w.Update(func(ctx context.Context, u *db.W) error { return wave.SetPhase(ctx, u, w.wave, path.Require, "now") })
	tried := 0
	for _, a := range []account.Account{people[0], team} {
		tried++
		if turned := w.types(a.Username) != nil; turned != would[a.ID] {
			t.Errorf("%s: turned away %v, the mirror said %v", a.Username, turned, would[a.ID])
		}
	}
	w.comes(people[1])
	if tried++; would[people[1].ID] {
		t.Error("the mirror would have turned away whoever is linked")
	}
	t.Logf("tried %d people at the door", tried)
}

// A mirror that is called off notes nobody, and tells nobody.
func TestAMirrorIsCalledOff(t *testing.T) {
	w := newWorld(t)
	w.person("ada", w.wave, "Z99Z9", nil)
	id, err := w.set(w.Clock.Now(), 2)
	w.Must(err)
	w.Must(w.office.Cancel(w.Context(), by(w.mover), id))
	w.Must(w.types("ada"))
	if v := w.read(id); v.Came != 0 {
		t.Errorf("%d people are noted", v.Came)
	}
	w.Clock.Advance(72 * time.Hour)
	w.Must(w.office.Tell(w.Context()))
	w.mailed(map[string]int{"mover": 0, "here": 0})
	if err := w.office.Cancel(w.Context(), by(w.mover), id); !errors.Is(err, fault.Conflict) {
		t.Errorf("called off twice: %v", err)
	}
	if _, err := w.set(w.Clock.Now(), 1); err != nil {
		t.Errorf("another one: %v", err)
	}
}

// A mirror needs somebody who may move waves, days to come on which there is none yet, and a later phase.
func TestMirrorsThatAreRefused(t *testing.T) {
	w := newWorld(t)
	user := w.person("user", w.wave, "Z99Z9", nil)
	closed := w.Wave(wave.Wave{Name: "closed", Phase: path.Closed})
	_, err := w.set(w.Clock.Now().AddDate(0, 0, 2), 2)
	w.Must(err)
	day := func(n int) time.Time { return w.Clock.Now().AddDate(0, 0, n) }
	var y worldtest.Tally
	for name, tt := range map[string]struct {
		by   actor.Actor
		wave string
		from time.Time
		days int
		want error
	}{
		"whoever may not move waves": {by(user), w.wave, day(9), 1, fault.Forbidden},
		"a stranger":                 {actor.Actor{Kind: actor.Stranger}, w.wave, day(9), 1, fault.Forbidden},
		"no wave":                    {by(w.mover), "none", day(9), 1, fault.NotFound},
		"the last phase":             {by(w.mover), closed, day(9), 1, fault.Conflict},
		"yesterday":                  {by(w.mover), w.wave, day(-1), 1, fault.Invalid},
		"no days":                    {by(w.mover), w.wave, day(9), 0, fault.Invalid},
		"too many days":              {by(w.mover), w.wave, day(9), 15, fault.Invalid},
		"a day that has one":         {by(w.mover), w.wave, day(1), 2, fault.Invalid},
		"its last day":               {by(w.mover), w.wave, day(3), 1, fault.Invalid},
	} {
		_, err := w.office.Set(w.Context(), tt.by, tt.wave, tt.from, tt.days)
		y.Refused(t, name, err == nil)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	for name, by := range map[string]actor.Actor{"a user calls off": by(user), "a stranger calls off": {}} {
		y.Refused(t, name, w.office.Cancel(w.Context(), by, "any") == nil)
	}
	y.Report(t, "mirror days")
	if _, err := w.set(day(1), 1); err != nil {
		t.Errorf("the day before: %v", err)
	}
	if _, err := w.set(day(4), 1); err != nil {
		t.Errorf("the day after: %v", err)
	}
}

func TestWhichPhaseIsTried(t *testing.T) {
	for now, want := range map[path.Phase]path.Phase{path.Prepare: path.Require, path.Choose: path.Require,
		path.Require: path.Closed} {
		if got, is := mirror.PhaseFor(now); got != want || !is {
			t.Errorf("in phase %d: %d", now, got)
		}
	}
	if _, is := mirror.PhaseFor(path.Closed); is {
		t.Error("there is a phase after the last")
	}
}

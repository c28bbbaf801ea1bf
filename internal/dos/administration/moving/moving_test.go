package moving_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/dostest"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// world has the administrators in a wave that people still choose in, and somebody who may move waves.
type world struct {
	*dostest.World

	office                          moving.Office
	wave                            string
	everywhere, second, user, mover account.Account
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldAt(t, time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC))
}

func newWorldAt(t *testing.T, at time.Time) *world {
	t.Helper()
	w := &world{World: dostest.Open(t, at)}
	w.Start()
	w.office = moving.Office{DB: w.DB, Box: w.Box}
	w.wave = w.Wave(wave.Wave{Name: "north", Phase: path.Choose})
	w.everywhere = w.person("everywhere", w.wave, account.UserAdministrator.In(account.Everywhere))
	w.second = w.person("second", w.wave, account.UserAdministrator.In(account.Everywhere))
	w.user = w.person("user", "", nil)
	w.mover = w.person("mover", "", account.Everywhere.Of(account.ManageWaves))
	return w
}

func (w *world) person(username, waveID string, grants account.Grants) account.Account {
	w.Helper()
	return w.Account(account.New{Username: username, FirstName: "Ada", Email: username + "@example.nhs.uk",
		PasswordHash: w.Hash, Grants: grants}, waveID)
}

func by(a account.Account) actor.Actor {
	return actor.Actor{Kind: actor.Person, ID: a.ID, Name: a.Name()}
}

func (w *world) move(by actor.Actor, id string, to path.Phase) error {
	return w.office.Move(w.Context(), by, id, moving.Move{To: to, Reason: "test", Seen: w.seen(id)})
}

// seen names a wave as its page shows it now; nothing where there is none.
func (w *world) seen(id string) string {
	w.Helper()
	name, err := db.Read(w.Context(), w.DB, func(r db.R) (string, error) { return moving.Seen(w.Context(), r, id) })
	if !errors.Is(err, fault.NotFound) {
		w.Must(err)
	}
	return name
}

func (w *world) phase() path.Phase { w.Helper(); return w.phaseOf(w.everywhere) }

func (w *world) phaseOf(a account.Account) path.Phase {
	w.Helper()
	at, err := db.Read(w.Context(), w.DB, func(r db.R) (wave.Wave, error) { return wave.Of(w.Context(), r, a.ID) })
	w.Must(err)
	return at.Phase
}

func TestWhoMayMoveAWave(t *testing.T) {
	w := newWorld(t)
	w.Must(w.move(by(w.mover), w.wave, path.Require))
	w.Must(w.move(by(w.mover), w.wave, path.Choose))
	var y worldtest.Tally
	for name, tt := range map[string]struct {
		by   actor.Actor
		wave string
		to   path.Phase
		want error
	}{
		"a person without the permission": {by(w.user), w.wave, path.Require, fault.Forbidden},
		"a stranger":                      {actor.Actor{Kind: actor.Stranger, ID: w.mover.ID}, w.wave, path.Require, fault.Forbidden},
		"no such wave":                    {by(w.mover), "none", path.Require, fault.NotFound},
		"that of accounts that never had a password": {by(w.mover),
			w.WithoutPassword(account.New{Username: "never", Email: "never@example.nhs.uk"}), path.Choose, fault.NotFound},
		"no such phase":           {by(w.mover), w.wave, path.Closed + 1, fault.Invalid},
		"the phase that it is in": {by(w.mover), w.wave, path.Choose, fault.Invalid},
		"an unknown phase":        {by(w.mover), w.wave, path.PhaseUnknown, fault.Invalid},
	} {
		err := w.move(tt.by, tt.wave, tt.to)
		y.Refused(t, name, err == nil)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	for name, m := range map[string]moving.Move{
		"no reason":     {To: path.Prepare, Reason: " ", Seen: w.seen(w.wave)},
		"a long reason": {To: path.Prepare, Reason: strings.Repeat("é", 2001), Seen: w.seen(w.wave)},
	} {
		err := w.office.Move(w.Context(), by(w.mover), w.wave, m)
		y.Refused(t, name, err == nil)
		if !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if w.phase() != path.Choose {
		t.Errorf("the wave is in phase %d", w.phase())
	}
	y.Report(t, "moving a wave")
}

// A wave is moved as whoever moves it saw it: not where somebody else moved it meanwhile, or put others into it.
func TestAWaveIsMovedAsItWasSeen(t *testing.T) {
	w := newWorld(t)
	var y worldtest.Tally
	for name, meanwhile := range map[string]func() error{
		"somebody moved it": func() error { return w.move(by(w.mover), w.wave, path.Prepare) },
		"somebody put others into it": func() error {
			w.join(w.user, w.wave)
			return nil
		},
	} {
		stale := w.seen(w.wave)
		w.Must(meanwhile())
		before := w.phase()
		err := w.office.Move(w.Context(), by(w.mover), w.wave,
			moving.Move{To: path.Require, Reason: "test", Seen: stale})
		y.Refused(t, name, err == nil || w.phase() != before)
		if !errors.Is(err, fault.Conflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.Must(w.move(by(w.mover), w.wave, path.Require))
	y.Report(t, "waves that changed while somebody looked")
}

// L31: a wave that ends the password of the last administrators who can come in is not moved there.
func TestAWaveLeavesAnAdministrator(t *testing.T) {
	w := newWorld(t)
	var y worldtest.Tally
	err := w.move(by(w.mover), w.wave, path.Closed)
	y.Refused(t, "L31 a wave of all administrators is closed", err == nil || w.phase() != path.Choose)
	if !errors.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "without an administrator") {
		t.Errorf("closing it: %v", err)
	}
	w.Must(w.move(by(w.mover), w.wave, path.Require)) // where the password still proves whose account it is
	err = w.move(actor.ForCommand("rollout"), w.wave, path.Closed)
	y.Refused(t, "L31 the command line closes it", err == nil || w.phase() != path.Require)
	if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'wave.move-refused'`); n != 2 {
		t.Errorf("%d events of refusals", n)
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddLink(ctx, u, account.Link{AccountID: w.second.ID, Issuer: "https://cis2.example",
			Subject: "500000000042", How: "test", Linked: u.Now()})
	})
	w.Clock.Advance(time.Minute)
	w.Must(w.move(by(w.mover), w.wave, path.Closed))
	w.Must(w.move(by(w.mover), w.wave, path.Choose))
	y.Report(t, "L31 waves")
}

// Where nobody can come in anyway, a wave moves: back, so that they can.
func TestAWaveOfNobodyMoves(t *testing.T) {
	w := newWorld(t)
	w.Update(func(ctx context.Context, u *db.W) error { return wave.SetPhase(ctx, u, w.wave, path.Closed, "test") })
	other := w.Wave(wave.Wave{Name: "south", Phase: path.Choose})
	w.Must(w.move(by(w.mover), other, path.Closed)) // which makes it no worse
	w.Must(w.move(by(w.mover), w.wave, path.Require))
	if w.phase() != path.Require {
		t.Errorf("the wave is in phase %d", w.phase())
	}
}

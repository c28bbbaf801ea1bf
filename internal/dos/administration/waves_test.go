package administration_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// waves has the administrators in a wave that people still choose in, and somebody who may move waves.
type waves struct {
	*world

	wave  string
	mover account.Account
}

func newWaves(t *testing.T) *waves {
	t.Helper()
	w := &waves{world: newWorld(t)}
	w.wave = w.Wave(wave.Wave{Name: "north", Phase: path.Choose})
	w.mover = w.person("mover", "", "ZIB", account.Everywhere.Of(account.ManageWaves))
	w.Update(func(ctx context.Context, u *db.W) error {
		return errors.Join(wave.Join(ctx, u, w.everywhere.ID, w.wave), wave.Join(ctx, u, w.second.ID, w.wave))
	})
	return w
}

func (w *waves) move(by actor.Actor, id string, to path.Phase) error {
	return w.office.MoveWave(w.Context(), by, id, administration.Move{To: to, Reason: "test", Seen: w.seen(id)})
}

// seen names a wave as its page shows it now; nothing where there is none.
func (w *waves) seen(id string) string {
	w.Helper()
	name, err := db.Read(w.Context(), w.DB, func(r db.R) (string, error) {
		return administration.SeenWave(w.Context(), r, id)
	})
	if !errors.Is(err, fault.NotFound) {
		w.Must(err)
	}
	return name
}

func (w *waves) phase() path.Phase {
	w.Helper()
	at, err := db.Read(w.Context(), w.DB, func(r db.R) (wave.Wave, error) {
		return wave.Of(w.Context(), r, w.everywhere.ID)
	})
	w.Must(err)
	return at.Phase
}

func TestWhoMayMoveAWave(t *testing.T) {
	w := newWaves(t)
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
		"no such phase":                   {by(w.mover), w.wave, path.Closed + 1, fault.Invalid},
		"an unknown phase":                {by(w.mover), w.wave, path.PhaseUnknown, fault.Invalid},
		"that of accounts that never had a password": {by(w.mover), w.withoutPassword(), path.Choose,
			fault.NotFound},
	} {
		err := w.move(tt.by, tt.wave, tt.to)
		y.Refused(t, name, err == nil)
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
	for name, m := range map[string]administration.Move{
		"no reason":     {To: path.Prepare, Reason: " ", Seen: w.seen(w.wave)},
		"a long reason": {To: path.Prepare, Reason: strings.Repeat("é", 2001), Seen: w.seen(w.wave)},
	} {
		err := w.office.MoveWave(w.Context(), by(w.mover), w.wave, m)
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

// withoutPassword gives the id of the wave of accounts that never had a password, of which somebody is.
func (w *waves) withoutPassword() (id string) {
	w.Helper()
	made := w.person(fmt.Sprint("never.", w.Count(`SELECT COUNT(*) FROM account`)), "", "RXK", nil)
	w.Update(func(ctx context.Context, u *db.W) error { return wave.JoinWithoutPassword(ctx, u, made.ID) })
	id, err := db.Read(w.Context(), w.DB, func(r db.R) (string, error) {
		v, err := wave.Of(w.Context(), r, made.ID)
		return v.ID, err
	})
	w.Must(err)
	return id
}

// A wave is moved as whoever moves it saw it: not where somebody else moved it meanwhile, or put others into it.
func TestAWaveIsMovedAsItWasSeen(t *testing.T) {
	w := newWaves(t)
	one := w.person("one", "", "RXK", nil)
	var y worldtest.Tally
	for name, meanwhile := range map[string]func() error{
		"somebody moved it": func() error { return w.move(by(w.mover), w.wave, path.Prepare) },
		"somebody put others into it": func() error {
			_, err := w.office.FillWave(w.Context(), by(w.mover), w.wave, []string{one.ID})
			return err
		},
	} {
		stale := w.seen(w.wave)
		w.Must(meanwhile())
		before := w.phase()
		err := w.office.MoveWave(w.Context(), by(w.mover), w.wave,
			administration.Move{To: path.Require, Reason: "test", Seen: stale})
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
	w := newWaves(t)
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
	w := newWaves(t)
	w.Update(func(ctx context.Context, u *db.W) error { return wave.SetPhase(ctx, u, w.wave, path.Closed, "test") })
	other := w.Wave(wave.Wave{Name: "south", Phase: path.Choose})
	w.Must(w.move(by(w.mover), other, path.Closed)) // which makes it no worse
	w.Must(w.move(by(w.mover), w.wave, path.Require))
	if w.phase() != path.Require {
		t.Errorf("the wave is in phase %d", w.phase())
	}
}

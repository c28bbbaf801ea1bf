package moving_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"signpost/internal/dos/wave"
	"signpost/internal/dos/wave/guidance"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// tell notes that somebody is told now what follows the phase of the wave.
func (w *world) tell(accountID string, phase path.Phase) {
	w.Helper()
	w.Must(guidance.Show(w.Context(), w.DB, accountID, wave.Wave{ID: w.wave, Phase: phase}))
}

// A wave enters a phase once everybody in it has had its guidance for so many days, and not a moment before. It goes
// back at any time.
func TestAWaveWaitsForGuidance(t *testing.T) {
	w := newWorld(t)
	w.office.Policy.GuidanceDays = 14
	late := w.person("late", w.wave, nil)
	var y worldtest.Tally
	refused := func(name string) {
		t.Helper()
		err := w.move(by(w.mover), w.wave, path.Require)
		y.Refused(t, name, err == nil)
		if !errors.Is(err, fault.Conflict) || w.phase() != path.Choose {
			t.Errorf("%s: %v, phase %d", name, err, w.phase())
		}
	}
	refused("nobody was told")
	for _, a := range []string{w.everywhere.ID, w.second.ID} {
		w.tell(a, path.Choose)
	}
	w.Clock.Advance(15 * 24 * time.Hour)
	refused("one was never told")
	w.tell(late.ID, path.Choose)
	w.Clock.Advance(14*24*time.Hour - time.Minute)
	refused("one was told a minute too late")
	w.Clock.Advance(time.Minute)
	w.Must(w.move(by(w.mover), w.wave, path.Require))
	w.Must(w.move(by(w.mover), w.wave, path.Choose))
	w.Must(w.move(by(w.mover), w.wave, path.Require))
	y.Report(t, "moving before everybody was told")
	if err := w.move(by(w.mover), w.wave, path.Closed); !errors.Is(err, fault.Conflict) {
		t.Errorf("guidance for one phase served another: %v", err)
	}
}

// The days are the operator's or the wave's own, and none are waited for only with a reason.
func TestDaysOfGuidance(t *testing.T) {
	w := newWorld(t)
	w.office.Policy.GuidanceDays = 14
	set := func(days int, reason string) error {
		return w.office.SetGuidance(w.Context(), by(w.mover), w.wave, days, reason)
	}
	for name, err := range map[string]error{
		"no reason": set(0, " "), "too few": set(-1, "test"), "too many": set(91, "test"),
		"not everywhere": w.office.SetGuidance(w.Context(), by(w.user), w.wave, 0, "test"),
	} {
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
	if err := w.move(by(w.mover), w.wave, path.Require); !errors.Is(err, fault.Conflict) {
		t.Errorf("moved: %v", err)
	}
	w.Must(set(0, "All were trained on 1 November"))
	w.Must(w.move(by(w.mover), w.wave, path.Require))
}

// Whoever lacks guidance can be put into another wave of the same phase, and the rest goes on.
func TestThoseWhoLackGuidanceGoIntoAnotherWave(t *testing.T) {
	w := newWorld(t)
	w.office.Policy.GuidanceDays = 14
	late := w.person("late", w.wave, nil)
	w.tell(w.everywhere.ID, path.Choose)
	w.tell(w.second.ID, path.Choose)
	w.Clock.Advance(14 * 24 * time.Hour)
	other := w.Wave(wave.Wave{Name: "later", Phase: path.Choose})
	pass := func(into string) (int, error) {
		return w.office.PassOn(w.Context(), by(w.mover), w.wave, into, "They were away")
	}
	var y worldtest.Tally
	for name, into := range map[string]string{"none": "none", "the same": w.wave,
		"one of an earlier phase": w.Wave(wave.Wave{Name: "early", Phase: path.Prepare}),
		"one of a later phase":    w.Wave(wave.Wave{Name: "soon", Phase: path.Require})} {
		n, err := pass(into)
		y.Refused(t, name, err == nil || n > 0)
	}
	y.Report(t, "putting people into another wave")
	n, err := pass(other)
	w.Must(err)
	if n != 1 {
		t.Errorf("passed on %d", n)
	}
	w.Must(w.move(by(w.mover), w.wave, path.Require))
	if w.phaseOf(late) != path.Choose {
		t.Error("who lacked guidance came into the phase")
	}
}

// No wave whose passwords ended hands people to one that would open their sessions of before again.
func TestNoSessionComesBackByAnotherWave(t *testing.T) {
	w := newWorld(t)
	w.Must(w.move(by(w.mover), w.wave, path.Require))
	w.Must(w.move(by(w.mover), w.wave, path.Choose))
	other := w.Wave(wave.Wave{Name: "later", Phase: path.Choose})
	if _, err := w.office.PassOn(w.Context(), by(w.mover), w.wave, other, "test"); err == nil {
		t.Error("passed on into a wave whose passwords never ended")
	}
}

// Somebody who comes into a wave while it is moved is waited for, or comes in after it has moved: nobody is in a later
// phase without its guidance.
func TestNobodySlipsInDuringAMove(t *testing.T) {
	w := newWorld(t)
	w.office.Policy.GuidanceDays = 14
	for _, a := range []string{w.everywhere.ID, w.second.ID} {
		w.tell(a, path.Choose)
	}
	w.Clock.Advance(14 * 24 * time.Hour)
	for i := range 25 {
		late := w.person(fmt.Sprint("late", i), "", nil)
		var both sync.WaitGroup
		var moved error
		both.Go(func() { moved = w.move(by(w.mover), w.wave, path.Require) })
		both.Go(func() {
			_ = w.DB.Update(w.Context(), by(w.mover), func(u *db.W) error {
				now, err := wave.ByID(w.Context(), u, w.wave)
				if err != nil || now.Phase >= path.Require {
					return err
				}
				return wave.Join(w.Context(), u, late.ID, w.wave)
			})
		})
		both.Wait()
		if w.phaseOf(late) == path.Require {
			t.Fatalf("somebody without guidance is in Require: %v", moved)
		}
		if moved == nil {
			w.Must(w.move(by(w.mover), w.wave, path.Choose))
		}
		out := w.Wave(wave.Wave{Name: "out" + late.ID})
		w.Update(func(ctx context.Context, u *db.W) error { return wave.Join(ctx, u, late.ID, out) })
	}
}

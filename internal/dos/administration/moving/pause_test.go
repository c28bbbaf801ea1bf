package moving_test

import (
	"errors"
	"testing"
	"time"

	"signpost/internal/national/path"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// A paused wave goes back, and its start is undone, but no further phase begins until it is resumed.
func TestAPausedWaveGoesNoFurther(t *testing.T) {
	w := newWorld(t)
	w.Must(w.move(by(w.mover), w.wave, path.Require))
	var y worldtest.Tally
	y.Refused(t, "paused without the permission", w.office.Pause(w.Context(), by(w.user), w.wave, "Mine") == nil)
	y.Refused(t, "without a reason", w.office.Pause(w.Context(), by(w.mover), w.wave, " ") == nil)
	y.Refused(t, "resumed before it is paused", w.office.Resume(w.Context(), by(w.mover), w.wave, "Over") == nil)
	w.Must(w.office.Pause(w.Context(), by(w.mover), w.wave, "The help desk is full"))
	y.Refused(t, "paused twice", w.office.Pause(w.Context(), by(w.mover), w.wave, "Again") == nil)
	err := w.move(by(w.mover), w.wave, path.Closed)
	y.Refused(t, "moved forward while it is paused", err == nil || w.phase() != path.Require)
	if !errors.Is(err, fault.Conflict) {
		t.Errorf("moved forward: %v", err)
	}
	w.Must(w.undo(w.preview()))
	y.Refused(t, "moved forward after an undo", w.move(by(w.mover), w.wave, path.Require) == nil)
	w.Must(w.move(by(w.mover), w.wave, path.Prepare))
	y.Refused(t, "resumed without the permission", w.office.Resume(w.Context(), by(w.user), w.wave, "Over") == nil)
	w.Must(w.office.Resume(w.Context(), by(w.mover), w.wave, "There is help again"))
	w.Must(w.move(by(w.mover), w.wave, path.Choose))
	y.Report(t, "pauses")
}

// No password ends between 8pm and 8am in London, whatever the clock does in that night, unless the operator says so.
func TestNoPasswordEndsAtNight(t *testing.T) {
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, clock.London)
	}
	summerBegins := time.Date(2026, 3, 29, 0, 0, 0, 0, time.UTC)
	summerEnds := time.Date(2026, 10, 25, 0, 0, 0, 0, time.UTC)
	var y worldtest.Tally
	for name, tt := range map[string]struct {
		at    time.Time
		night bool
	}{
		"in winter at noon":               {at(11, 30, 12, 0), false},
		"in winter before 8pm":            {at(11, 30, 19, 59), false},
		"in winter at 8pm":                {at(11, 30, 20, 0), true},
		"at midnight":                     {at(11, 30, 0, 0), true},
		"in winter before 8am":            {at(11, 30, 7, 59), true},
		"in winter at 8am":                {at(11, 30, 8, 0), false},
		"in summer at 8am, 7am UTC":       {time.Date(2026, 7, 1, 7, 0, 0, 0, time.UTC), false},
		"in summer at 8pm, 7pm UTC":       {time.Date(2026, 7, 1, 19, 0, 0, 0, time.UTC), true},
		"before the hour that is not":     {summerBegins.Add(59 * time.Minute), true},
		"after the hour that is not":      {summerBegins.Add(61 * time.Minute), true},
		"that morning before 8am":         {summerBegins.Add(7*time.Hour - time.Minute), true},
		"that morning at 8am, 7am UTC":    {summerBegins.Add(7 * time.Hour), false},
		"in the hour that is twice":       {summerEnds.Add(30 * time.Minute), true},
		"in that hour again":              {summerEnds.Add(90 * time.Minute), true},
		"the next morning at 7am UTC":     {summerEnds.Add(7 * time.Hour), true},
		"the next morning at 8am, as UTC": {summerEnds.Add(8 * time.Hour), false},
		"the evening before, at 8pm":      {summerEnds.Add(-5 * time.Hour), true},
	} {
		for _, to := range []path.Phase{path.Require, path.Closed} {
			w := newWorldAt(t, tt.at)
			w.link(w.everywhere)
			err := w.move(by(w.mover), w.wave, to)
			y.Refused(t, name, (err == nil) == tt.night)
			if tt.night && !errors.Is(err, fault.Conflict) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
	w := newWorldAt(t, at(12, 1, 3, 0))
	w.Must(w.move(by(w.mover), w.wave, path.Prepare))
	w.Must(w.move(by(w.mover), w.wave, path.Choose)) // which stops nobody
	w.office.Policy.AtNight = true
	w.Must(w.move(by(w.mover), w.wave, path.Require))
	w.office.Policy.AtNight = false
	w.Must(w.undo(w.preview())) // which lets people in
	y.Report(t, "starts at night")
}

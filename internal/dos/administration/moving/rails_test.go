package moving_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/dos/guardrail"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
)

// The next phase opens only while the guard rails hold. A move back, and the undo, stay possible.
func TestNoFurtherPhaseWhileAGuardRailIsBroken(t *testing.T) {
	w := newWorld(t)
	asked := 0
	w.office.Rails.Tickets = func(context.Context, db.R, string, time.Time) (int, error) { return asked, nil }
	w.Must(w.move(by(w.mover), w.wave, path.Require))
	w.link(w.second)
	asked = 1
	if err := w.move(by(w.mover), w.wave, path.Closed); !errors.Is(err, guardrail.ErrBroken) {
		t.Errorf("moved forward: %v", err)
	}
	if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'wave.move-refused'`); n != 1 {
		t.Errorf("%d events", n)
	}
	w.Must(w.undo(w.preview()))
	if err := w.move(by(w.mover), w.wave, path.Require); !errors.Is(err, guardrail.ErrBroken) {
		t.Errorf("moved forward again: %v", err)
	}
	w.Must(w.move(by(w.mover), w.wave, path.Prepare))
	w.Must(w.move(by(w.mover), w.wave, path.Choose))
	asked = 0
	w.Must(w.move(by(w.mover), w.wave, path.Require))
}

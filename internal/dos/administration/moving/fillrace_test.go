package moving_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"signpost/internal/dos/administration"
	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Of somebody who puts accounts into a wave and somebody who moves it to Require at the same moment one wins: nobody is
// put into a wave whose passwords have ended, and nobody loses their password by a start that did not show them.
func TestAFillAndAStartAtOnce(t *testing.T) {
	w := newWorld(t)
	office := administration.Office{DB: w.DB}
	var moved, filled int
	const pairs = 16
	for n := range pairs {
		id := w.Wave(wave.Wave{Name: fmt.Sprint("wave number ", n), Phase: path.Choose})
		w.person(fmt.Sprint("member", n), id, nil)
		joins := []string{w.person(fmt.Sprint("late", n), "", nil).ID, w.person(fmt.Sprint("later", n), "", nil).ID}
		move := moving.Move{To: path.Require, Reason: "test", Seen: w.seen(id)}
		var moveErr, fillErr error
		var both sync.WaitGroup
		both.Go(func() { moveErr = w.office.Move(w.Context(), by(w.mover), id, move) })
		both.Go(func() { _, fillErr = office.FillWave(w.Context(), by(w.mover), id, joins) })
		both.Wait()

		after, err := db.Read(w.Context(), w.DB, func(r db.R) (wave.Wave, error) {
			return wave.ByID(w.Context(), r, id)
		})
		w.Must(err)
		within := w.Count(`SELECT COUNT(*) FROM wave_member WHERE wave_id = $1`, id)
		switch {
		case moveErr == nil && errors.Is(fillErr, fault.Conflict):
			moved++
			if after.Phase != path.Require || within != 1 {
				t.Errorf("pair %d, moved: %d are in the wave, which is at %s", n, within, after.Phase.Word())
			}
		case fillErr == nil && errors.Is(moveErr, fault.Conflict):
			filled++
			if after.Phase != path.Choose || within != 3 {
				t.Errorf("pair %d, filled: %d are in the wave, which is at %s", n, within, after.Phase.Word())
			}
		default:
			t.Errorf("pair %d: move %v, fill %v; %d are in the wave, which is at %s", n, moveErr, fillErr, within,
				after.Phase.Word())
		}
	}
	t.Logf("%d pairs: %d moved, %d filled", pairs, moved, filled)
}

// Whoever chose a wave to put accounts into while passwords worked in it, and sends the form once they have ended
// there, is refused, and a record of it is kept.
func TestAWaveThatMovedMeanwhileTakesNobodyIn(t *testing.T) {
	w := newWorld(t)
	office := administration.Office{DB: w.DB}
	late := w.person("late", "", nil)
	id := w.Wave(wave.Wave{Name: "south", Phase: path.Choose})
	w.person("member", id, nil)
	for _, to := range []path.Phase{path.Require, path.Closed} {
		w.Must(w.move(by(w.mover), id, to))
		_, err := office.FillWave(w.Context(), by(w.mover), id, []string{late.ID})
		said, is := fault.From(err)
		if !is || said.Code != fault.Conflict || said.Message == "" || said.Cure == "" {
			t.Errorf("at %s: %v", to.Word(), err)
		}
	}
	if n := w.Count(`SELECT COUNT(*) FROM wave_member WHERE account_id = $1`, late.ID); n != 0 {
		t.Error("they were put into it")
	}
	events := len(w.Events("wave.fill-refused"))
	if events != 2 {
		t.Errorf("%d records of it", events)
	}
	w.Must(w.move(by(w.mover), id, path.Choose))
	if n, err := office.FillWave(w.Context(), by(w.mover), id, []string{late.ID}); n != 1 || err != nil {
		t.Errorf("once it is back: %d, %v", n, err)
	}
}

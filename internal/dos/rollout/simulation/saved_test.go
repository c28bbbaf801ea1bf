package simulation_test

import (
	"testing"
	"time"

	"signpost/internal/dos/rollout/simulation"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// The newest 20 results of a switch are kept, those of another beside them, and each for 400 days.
func TestResultsAreForgotten(t *testing.T) {
	w := newWorld(t)
	by := actor.ForCommand("test")
	for range 23 {
		w.Clock.Advance(time.Minute)
		w.Must(simulation.Save(w.Context(), w.DB, by, w.run(simulation.Switch{Phase: path.Require})))
	}
	w.Must(simulation.Save(w.Context(), w.DB, by, w.run(simulation.Switch{Phase: path.Closed})))
	list, err := db.Read(w.Context(), w.DB, func(r db.R) ([]simulation.Saved, error) {
		return simulation.List(w.Context(), r, simulation.Switch{Phase: path.Require})
	})
	w.Must(err)
	if n := w.Count(`SELECT COUNT(*) FROM simulation`); n != 21 || len(list) != 20 || !list[0].At.Equal(w.Clock.Now()) {
		t.Errorf("%d results are kept, %d listed", n, len(list))
	}
	workers := job.NewWorkers()
	simulation.Work(workers, w.DB)
	w.Clock.Advance(400*24*time.Hour - 10*time.Minute)
	_, err = workers.Sweepers()[0].Sweep(w.Context(), by)
	w.Must(err)
	if n := w.Count(`SELECT COUNT(*) FROM simulation`); n == 21 || n == 0 {
		t.Errorf("%d results are kept after 400 days", n)
	}
}

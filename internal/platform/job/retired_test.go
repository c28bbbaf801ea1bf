package job_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
)

// A job of a kind that an earlier version asked for ends quietly.
func TestRetiredJobsEnd(t *testing.T) {
	d := dbtest.Open(t, fstest.MapFS{}, clock.System{})
	earlier := job.NewWorkers()
	job.Work(earlier, func(context.Context, sweep) error { return nil })
	if _, err := job.Open(t.Context(), d, earlier, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		return w.Enqueue(t.Context(), sweep{})
	})
	if err != nil {
		t.Fatal(err)
	}

	now := job.NewWorkers()
	job.Work(now, func(context.Context, greet) error { return nil })
	job.Retired(now, sweep{}.Kind(), "another")
	jobtest.Start(t, d, now)
	if state := stateWhenTried(t, d); state != "completed" {
		t.Errorf("the job is %s", state)
	}
}

// stateWhenTried gives the state of the only job once it was tried.
func stateWhenTried(t *testing.T, d *db.DB) string {
	t.Helper()
	const tried = `SELECT CAST(state AS TEXT) FROM river_job WHERE CAST(state AS TEXT) NOT IN ('available', 'running')`
	limit := time.After(20 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		list, err := db.Read(t.Context(), d, func(r db.R) ([]string, error) {
			return db.All(t.Context(), r, db.Column[string], tried)
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(list) > 0 {
			return list[0]
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatal("the job was not tried")
		}
	}
}

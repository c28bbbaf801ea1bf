package job_test

import (
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/fstest"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/job"
)

// Several programs may start on one empty database at the same moment: one makes the tables, the others
// find them made.
func TestStartsAtTheSameMoment(t *testing.T) {
	source := dbtest.Empty(t, dbtest.Plain)
	var all sync.WaitGroup
	for range 6 {
		all.Go(func() {
			d, err := db.Open(t.Context(), db.Options{Source: source, Migrations: fstest.MapFS{}, Clock: clock.System{}})
			if err != nil {
				t.Errorf("open: %v", err)
				return
			}
			_, err = job.Open(t.Context(), d, job.NewWorkers(), slog.New(slog.DiscardHandler))
			if err := errors.Join(err, d.Close()); err != nil {
				t.Errorf("open jobs: %v", err)
			}
		})
	}
	all.Wait()
}

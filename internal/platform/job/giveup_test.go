package job_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/fstest"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
)

// A job is given up once the last of its tries has failed; one that was done, or put off, is not.
func TestJobsAreGivenUpAfterTheirLastTry(t *testing.T) {
	t.Parallel() // it mostly waits
	d := dbtest.Open(t, fstest.MapFS{}, clock.System{})
	var tried, givenUp heard
	ws := job.NewWorkers()
	ws.Tries = 2
	job.WorkOrGiveUp(ws, func(_ context.Context, g greet) error {
		tried.add(g.Name)
		again := len(slices.DeleteFunc(tried.all(), func(name string) bool { return name != g.Name })) > 1
		switch {
		case g.Name == "done" || g.Name == "put off" && again:
			return nil
		case g.Name == "put off":
			return job.Later(0)
		}
		return errors.New("nobody hears it")
	}, func(_ context.Context, g greet) error { givenUp.add(g.Name); return nil })
	q := jobtest.Start(t, d, ws)
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		return errors.Join(w.Enqueue(t.Context(), greet{"done"}), w.Enqueue(t.Context(), greet{"put off"}),
			w.Enqueue(t.Context(), greet{"failing"}))
	})
	if err != nil {
		t.Fatal(err)
	}
	jobtest.Settle(t, q)
	if got := tried.all(); !slices.Equal(got, []string{"done", "failing", "failing", "put off", "put off"}) {
		t.Errorf("tried %q", got)
	}
	if got := givenUp.all(); !slices.Equal(got, []string{"failing"}) {
		t.Errorf("gave up %q, want the failing one, once", got)
	}
}

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

// often is a job that comes again by itself.
type often struct{ Name string }

func (often) Kind() string { return "test.often" }
func (often) TriedOnce()   {}

// A job that comes again by itself is not tried again when it fails, so that none pile up; one that is put off is not
// given up by that.
func TestAFrequentJobIsTriedOnce(t *testing.T) {
	t.Parallel() // it mostly waits
	d := dbtest.Open(t, fstest.MapFS{}, clock.System{})
	var tried heard
	ws := job.NewWorkers()
	ws.Tries = 3
	fail := func(name string) error {
		tried.add(name)
		again := len(slices.DeleteFunc(tried.all(), func(other string) bool { return other != name })) > 1
		switch {
		case again:
			return nil
		case name == "put off":
			return job.Later(0)
		}
		return errors.New("nobody hears it")
	}
	job.Work(ws, func(_ context.Context, o often) error { return fail(o.Name) })
	job.Work(ws, func(_ context.Context, g greet) error { return fail(g.Name) })
	q := jobtest.Start(t, d, ws)
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		return errors.Join(w.Enqueue(t.Context(), often{"often"}), w.Enqueue(t.Context(), often{"put off"}),
			w.Enqueue(t.Context(), greet{"once"}))
	})
	if err != nil {
		t.Fatal(err)
	}
	jobtest.Settle(t, q)
	if got := tried.all(); !slices.Equal(got, []string{"often", "once", "once", "put off", "put off"}) {
		t.Errorf("tried %q", got)
	}
}

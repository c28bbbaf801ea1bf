package job_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
)

type greet struct{ Name string }

func (greet) Kind() string { return "greet" }

type sweep struct{}

func (sweep) Kind() string { return "sweep" }

// heard collects what workers did.
type heard struct {
	mu    sync.Mutex
	names []string
}

func (h *heard) add(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.names = append(h.names, name)
}

func (h *heard) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Sorted(slices.Values(h.names))
}

func TestJobsFollowTheirTransaction(t *testing.T) {
	ctx := t.Context()
	d := dbtest.Open(t, fstest.MapFS{}, clock.System{})
	var h heard
	ws := job.NewWorkers()
	job.Work(ws, func(_ context.Context, g greet) error { h.add(g.Name); return nil })
	q := jobtest.Start(t, d, ws)

	undone := errors.New("undone")
	for _, tt := range []struct {
		name string
		err  error
	}{{"committed", nil}, {"rolled back", undone}, {"committed too", nil}} {
		err := d.Update(ctx, actor.ForCommand("test"), func(w *db.W) error {
			if err := w.Enqueue(ctx, greet{Name: tt.name}); err != nil {
				return err
			}
			return errors.Join(w.Record(ctx, audit.Event{Kind: "greeting.asked"}), tt.err)
		})
		if !errors.Is(err, tt.err) {
			t.Fatalf("%s: %v", tt.name, err)
		}
	}
	jobtest.Settle(t, q)
	if got, want := h.all(), []string{"committed", "committed too"}; !slices.Equal(got, want) {
		t.Errorf("greeted %q, want %q", got, want)
	}
}

// A worker may put its job off; that is no failure, and the job comes again.
func TestJobPutOffComesAgain(t *testing.T) {
	d := dbtest.Open(t, fstest.MapFS{}, clock.System{})
	var h heard
	ws := job.NewWorkers()
	job.Work(ws, func(_ context.Context, g greet) error {
		h.add(g.Name)
		if len(h.all()) < 3 {
			return job.Later(0)
		}
		return nil
	})
	q := jobtest.Start(t, d, ws)
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error { return w.Enqueue(t.Context(), greet{Name: "again"}) })
	if err != nil {
		t.Fatal(err)
	}
	jobtest.Settle(t, q)
	if got := h.all(); len(got) != 3 {
		t.Errorf("ran %d times, want 3", len(got))
	}
}

func TestPeriodicJobRunsAtStart(t *testing.T) {
	t.Parallel() // it mostly waits
	d := dbtest.Open(t, fstest.MapFS{}, clock.System{})
	ran := make(chan struct{}, 1)
	ws := job.NewWorkers()
	job.Work(ws, func(context.Context, sweep) error {
		select {
		case ran <- struct{}{}:
		default:
		}
		return nil
	})
	job.Every(ws, time.Hour, sweep{})
	jobtest.Start(t, d, ws)
	select {
	case <-ran:
	case <-time.After(20 * time.Second):
		t.Fatal("the periodic job did not run")
	}
}

package job_test

import (
	"context"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

// A job that takes longer than a stop waits is given up, which is no failure of the stop, and is done by the next run.
func TestStopGivesUpWhatTakesTooLong(t *testing.T) {
	t.Parallel() // it mostly waits
	for name, mindful := range map[string]bool{"a job that sees it": true, "a job that does not": false} {
		t.Run(name, func(t *testing.T) {
			source := dbtest.Source(t, fstest.MapFS{})
			begun := make(chan string, 10)
			over := make(chan struct{})
			d, q, _ := program(t, source, func(ctx context.Context, name string) error {
				begun <- name
				if mindful {
					<-ctx.Done()
					return ctx.Err()
				}
				<-over
				return nil
			})
			defer close(over)
			err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
				return w.Enqueue(t.Context(), greet{Name: "long"})
			})
			if err != nil {
				t.Fatal(err)
			}
			if err := q.Start(context.WithoutCancel(t.Context())); err != nil {
				t.Fatal(err)
			}
			receive(t, begun)
			soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			if err := q.Stop(soon); err != nil {
				t.Errorf("stop: %v", err)
			}

			done := make(chan string, 10)
			_, next, stop := program(t, source, func(_ context.Context, name string) error { done <- name; return nil })
			defer stop()
			if err := next.Start(context.WithoutCancel(t.Context())); err != nil {
				t.Fatal(err)
			}
			receive(t, done)
		})
	}
}

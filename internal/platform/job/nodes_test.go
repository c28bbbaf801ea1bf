package job_test

import (
	"context"
	"log/slog"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/queue"
)

// nodeOf is a node of a database that looks at others as often as the test says.
func nodeOf(
	t *testing.T, source string, watch time.Duration, work func(ctx context.Context, g greet) error,
) (*db.DB, *job.Queue) {
	t.Helper()
	d := dbtest.Reopen(t, source, fstest.MapFS{}, clocktest.At(noon))
	ws := job.NewWorkers()
	ws.Watch = watch
	job.Work(ws, work)
	q, err := job.Open(t.Context(), d, ws, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return d, q
}

// A job under way on a node that dies is done by another after three looks, and nobody takes it from one that lives.
func TestJobsOfADeadNodeAreTakenUp(t *testing.T) {
	t.Parallel() // it mostly waits
	source := dbtest.Source(t, fstest.MapFS{})
	began := make(chan struct{}, 10)
	release := make(chan struct{})
	first, dying := nodeOf(t, source, time.Hour, func(context.Context, greet) error {
		began <- struct{}{}
		<-release
		return nil
	})
	fill(t, first)
	start(t, first, dying)
	for range full {
		<-began
	}
	done := make(chan string, 10)
	second, living := nodeOf(t, source, time.Hour, telling(done))
	start(t, second, living)
	t.Cleanup(func() { close(release) }) // before the nodes stop
	look := func(q *job.Queue) {
		if err := q.Look(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 5 {
		look(dying)
		look(living)
	}
	if len(done) > 0 {
		t.Fatal("the job of a node that lives was taken up")
	}
	for range 2 {
		look(living)
	}
	if len(done) > 0 {
		t.Fatal("a node was taken for dead after two looks")
	}
	look(living)
	for range full {
		receive(t, done)
	}
}

func telling(done chan<- string) func(context.Context, greet) error {
	return func(_ context.Context, g greet) error {
		done <- g.Name
		return nil
	}
}

// full is how many jobs a node does at once. One that is full takes none of those that were taken from it.
var full = queue.AtOnce()[queue.Usual]

func fill(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		for range full {
			if err := w.Enqueue(t.Context(), greet{Name: "Ann"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What was under way at a crash, such as a mailed code, is done within five seconds of the restart.
func TestJobsUnderWayAtACrashAreDoneAfterTheRestart(t *testing.T) {
	t.Parallel() // it mostly waits
	source := dbtest.Source(t, fstest.MapFS{})
	began := make(chan struct{}, 10)
	release := make(chan struct{})
	first, crashed := nodeOf(t, source, time.Hour, func(context.Context, greet) error {
		began <- struct{}{}
		<-release
		return nil
	})
	fill(t, first)
	start(t, first, crashed)
	for range full {
		<-began
	}
	done := make(chan string, 10)
	usual := job.NewWorkers().Watch
	second, restarted := nodeOf(t, source, usual, telling(done))
	at := time.Now()
	start(t, second, restarted)
	t.Cleanup(func() { close(release) }) // before the nodes stop
	for range full {
		receive(t, done)
	}
	if took := time.Since(at); took > 5*time.Second {
		t.Errorf("done %s after the restart", took)
	}
}

func start(t *testing.T, d *db.DB, q *job.Queue) {
	t.Helper()
	if err := q.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = q.Stop(ctx)
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
}

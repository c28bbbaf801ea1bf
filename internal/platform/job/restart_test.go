package job_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/job"
)

type abandoned struct{}

func (abandoned) Kind() string { return "abandoned" }

// program is one run of a program on a database.
func program(t *testing.T, source string,
	work func(ctx context.Context, name string) error) (d *db.DB, q *job.Queue, stop func()) {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{Source: source, Migrations: fstest.MapFS{}, Clock: clock.System{}})
	if err != nil {
		t.Fatal(err)
	}
	ws := job.NewWorkers()
	ws.Poll = 10 * time.Millisecond
	ws.Watch = 100 * time.Millisecond
	job.Work(ws, func(ctx context.Context, g greet) error { return work(ctx, g.Name) })
	job.Work(ws, func(ctx context.Context, _ abandoned) error { return work(ctx, "abandoned") })
	q, err = job.Open(t.Context(), d, ws, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	return d, q, func() {
		if err := errors.Join(q.Stop(context.WithoutCancel(t.Context())), d.Close()); err != nil {
			t.Error(err)
		}
	}
}

// What was committed is done by the next run of the program: a job that nobody began, one that failed,
// and one whose program died in the middle of it.
func TestJobsOutliveTheProgram(t *testing.T) {
	t.Parallel() // it mostly waits
	source := dbtest.Source(t, fstest.MapFS{})
	failed := make(chan string, 10)
	d, q, stop := program(t, source, func(_ context.Context, name string) error {
		failed <- name
		return errors.New("not today")
	})
	ask := func(j db.Job) {
		err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error { return w.Enqueue(t.Context(), j) })
		if err != nil {
			t.Fatal(err)
		}
	}
	ask(greet{Name: "failed once"})
	if err := q.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	receive(t, failed)
	stop()

	d, _, _ = program(t, source, nil)
	ask(greet{Name: "not begun"})
	ask(abandoned{})
	die(t, d)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}

	done := make(chan string, 10)
	_, q, stop = program(t, source, func(_ context.Context, name string) error { done <- name; return nil })
	defer stop()
	if err := q.Start(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}
	left := map[string]bool{"failed once": true, "not begun": true, "abandoned": true}
	for len(left) > 0 {
		delete(left, receive(t, done))
	}
}

// die leaves the abandoned job as a program does that was killed while doing it.
func die(t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		err := w.Change(t.Context(), `UPDATE river_job SET state = 'running', attempt = 1, attempted_at = '2026-01-01 00:00:00'
			WHERE kind = 'abandoned'`)
		return errors.Join(err, w.Record(t.Context(), audit.Event{Kind: "program.killed"}))
	})
	if err != nil {
		t.Fatal(err)
	}
}

func receive(t *testing.T, from <-chan string) string {
	t.Helper()
	select {
	case name := <-from:
		return name
	case <-time.After(30 * time.Second):
		t.Fatal("a job was not done in time")
		return ""
	}
}

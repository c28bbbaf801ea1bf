package once_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/once"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func thing(kind, id string) once.Thing {
	return once.Thing{Kind: kind, ID: id, Ends: noon.Add(time.Minute)}
}

func jot(t *testing.T, d *db.DB, one once.Thing) error {
	t.Helper()
	return d.Jot(t.Context(), func(k *db.K) error { return one.Use(t.Context(), k) })
}

func update(t *testing.T, d *db.DB, fn func(ctx context.Context, w *db.W) error) error {
	t.Helper()
	return d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		if err := fn(t.Context(), w); err != nil {
			return err
		}
		return w.Record(t.Context(), audit.Event{Kind: "test.done"})
	})
}

// A thing is used once, whichever door it comes by, and another kind's or another id is another thing.
func TestOnce(t *testing.T) {
	d := dbtest.Open(t, fstest.MapFS{}, clocktest.At(noon))
	if err := jot(t, d, thing("ticket", "1")); err != nil {
		t.Fatal(err)
	}
	others := map[string]once.Thing{"another id": thing("ticket", "2"), "another kind": thing("voucher", "1")}
	for name, other := range others {
		if err := jot(t, d, other); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := jot(t, d, thing("ticket", "1")); !errors.Is(err, once.ErrUsed) {
		t.Errorf("again: %v", err)
	}
	err := update(t, d, func(ctx context.Context, w *db.W) error { return thing("ticket", "1").Use(ctx, w) })
	if !errors.Is(err, once.ErrUsed) {
		t.Errorf("again in an Update: %v", err)
	}
	err = update(t, d, func(ctx context.Context, w *db.W) error { return thing("ticket", "1").UseSoon(ctx, w) })
	if !errors.Is(err, fault.Conflict) {
		t.Errorf("again, soon: %v", err)
	}
}

// What undoes an Update undoes the use.
func TestUndoneUse(t *testing.T) {
	d := dbtest.Open(t, fstest.MapFS{}, clocktest.At(noon))
	stop := errors.New("stop")
	for name, use := range map[string]func(ctx context.Context, w *db.W) error{
		"use":  func(ctx context.Context, w *db.W) error { return thing("ticket", "1").Use(ctx, w) },
		"soon": func(ctx context.Context, w *db.W) error { return thing("ticket", "1").UseSoon(ctx, w) },
	} {
		err := update(t, d, func(ctx context.Context, w *db.W) error { return errors.Join(use(ctx, w), stop) })
		if !errors.Is(err, stop) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := jot(t, d, thing("ticket", "1")); err != nil {
		t.Errorf("after uses that were undone: %v", err)
	}
}

// Of many that use one thing at once, one succeeds.
func TestOnceAtOnce(t *testing.T) {
	d := dbtest.Open(t, fstest.MapFS{}, clocktest.At(noon))
	var all sync.WaitGroup
	results := make(chan error, 40)
	for range 20 {
		all.Go(func() { results <- jot(t, d, thing("ticket", "1")) })
		all.Go(func() {
			results <- update(t, d, func(ctx context.Context, w *db.W) error {
				return thing("ticket", "1").Use(ctx, w)
			})
		})
	}
	all.Wait()
	close(results)
	used := 0
	for err := range results {
		if err == nil {
			used++
		} else if !errors.Is(err, once.ErrUsed) {
			t.Error(err)
		}
	}
	if used != 1 {
		t.Errorf("used %d times", used)
	}
}

// The sweep forgets what has ended, and nothing else.
func TestSweep(t *testing.T) {
	c := clocktest.At(noon)
	d := dbtest.Open(t, fstest.MapFS{}, c)
	ws := job.NewWorkers()
	once.Work(ws, d)
	jobs := jobtest.Start(t, d, ws)
	jobtest.Settle(t, jobs) // the sweep at the start
	late := once.Thing{Kind: "ticket", ID: "late", Ends: noon.Add(time.Hour)}
	for _, one := range []once.Thing{thing("ticket", "1"), late} {
		if err := jot(t, d, one); err != nil {
			t.Fatal(err)
		}
	}
	c.Advance(time.Minute)
	err := update(t, d, func(ctx context.Context, w *db.W) error { return w.Enqueue(ctx, once.SweepJob{}) })
	if err != nil {
		t.Fatal(err)
	}
	jobtest.Settle(t, jobs)
	if err := jot(t, d, thing("ticket", "1")); err != nil {
		t.Errorf("after its end: %v", err)
	}
	if err := jot(t, d, late); !errors.Is(err, once.ErrUsed) {
		t.Errorf("before its end: %v", err)
	}
}

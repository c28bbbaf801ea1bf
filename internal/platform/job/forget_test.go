package job_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/job"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

var tickets = db.Sweep{Table: "once", Key: "kind, digest", Over: "ends_at"}

// over fills a table with things that are over.
func over(t *testing.T, d *db.DB, n int) {
	t.Helper()
	rows := func(yield func([]any, error) bool) {
		for i := range n {
			if !yield([]any{"ticket", fmt.Appendf(nil, "%06d", i), noon.Add(-time.Hour)}, nil) {
				return
			}
		}
	}
	if _, err := d.Load(t.Context(), "once", []string{"kind", "digest", "ends_at"}, rows); err != nil {
		t.Fatal(err)
	}
}

func left(t *testing.T, d *db.DB) int64 {
	t.Helper()
	n, err := db.Read(t.Context(), d, func(r db.R) (int64, error) {
		return db.Value[int64](t.Context(), r, `SELECT COUNT(*) FROM once`)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// Others write between the chunks of a sweep, each of which is a thousand rows at most, and one event tells of all.
func TestOthersWriteWhileASweepRuns(t *testing.T) {
	d := dbtest.Open(t, fstest.MapFS{}, clocktest.At(noon))
	const rows = 3500
	over(t, d, rows)
	var seen []int64
	s := job.Sweeper{DB: d, Tables: []db.Sweep{tickets}, Event: "test.swept"}
	s.Between = func(ctx context.Context) error {
		seen = append(seen, left(t, d))
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		return d.Update(ctx, actor.ForCommand("test"), func(w *db.W) error {
			return w.Record(ctx, audit.Event{Kind: "test.wrote"})
		})
	}
	if more, err := s.Sweep(t.Context(), actor.ForCommand("test")); err != nil || more {
		t.Fatalf("Sweep = %v, %v", more, err)
	}
	if want := []int64{2500, 1500, 500}; !slices.Equal(seen, want) {
		t.Errorf("between the chunks %v were left, want %v", seen, want)
	}
	if n := left(t, d); n != 0 {
		t.Errorf("%d are left", n)
	}
	swept := events(t, d, "test.swept")
	if len(swept) != 1 || string(swept[0].After) != `{"once":3500}` {
		t.Errorf("the events of the sweep: %+v", swept)
	}
	if n := len(events(t, d, "test.wrote")); n != 3 {
		t.Errorf("others wrote %d times, want 3", n)
	}
}

func events(t *testing.T, d *db.DB, kind audit.Kind) []audit.Entry {
	t.Helper()
	list, err := db.Read(t.Context(), d, func(r db.R) ([]audit.Entry, error) {
		return audit.OfKind(t.Context(), r, kind, 10)
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// What was deleted before a sweep failed is told, too.
func TestASweepThatFailsTellsWhatItDeleted(t *testing.T) {
	d := dbtest.Open(t, fstest.MapFS{}, clocktest.At(noon))
	over(t, d, 1500)
	s := job.Sweeper{DB: d, Event: "test.swept", Tables: []db.Sweep{
		tickets, {Table: "event", Key: "id", Over: "at"},
	}}
	if _, err := s.Sweep(t.Context(), actor.ForCommand("test")); err == nil {
		t.Error("events were swept")
	}
	if n := len(events(t, d, "test.swept")); n != 1 {
		t.Errorf("%d events of the sweep, want 1", n)
	}
}

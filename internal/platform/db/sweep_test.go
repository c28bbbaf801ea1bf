package db_test

import (
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

var sweepable = fstest.MapFS{"202611249002_sweep.sql": {Data: []byte(`-- +goose Up
-- bookkeeping: visit, pass
-- swept: permit
CREATE TABLE visit (place TEXT NOT NULL, number BIGINT NOT NULL, at BIGINT NOT NULL, PRIMARY KEY (place, number));
CREATE INDEX visit_by_time ON visit (at);
CREATE TABLE pass (number BIGINT PRIMARY KEY, over_at BIGINT NOT NULL, used_at BIGINT NOT NULL);
CREATE INDEX pass_by_over ON pass (over_at, number);
CREATE TABLE permit (number BIGINT PRIMARY KEY, over_at BIGINT NOT NULL);
CREATE TABLE account (number BIGINT PRIMARY KEY, over_at BIGINT NOT NULL);
`)}}

func rowsOf(n int, row func(i int) []any) db.Batch {
	return func(yield func([]any, error) bool) {
		for i := range n {
			if !yield(row(i), nil) {
				return
			}
		}
	}
}

// What is over goes a thousand rows at a time, what is kept for a while stays, and the rest is left alone.
func TestSweepDeletesAChunk(t *testing.T) {
	d := dbtest.Open(t, sweepable, clocktest.At(noon))
	rows := rowsOf(2600, func(i int) []any {
		if i < 100 {
			return []any{"hall", i, noon.Add(-time.Hour).Add(time.Millisecond)}
		}
		return []any{"hall", i, noon.Add(-time.Hour)}
	})
	if _, err := d.Load(t.Context(), "visit", []string{"place", "number", "at"}, rows); err != nil {
		t.Fatal(err)
	}
	visits := db.Sweep{Table: "visit", Key: "place, number", Over: "at", Keep: time.Hour}
	for _, want := range []struct {
		deleted int64
		more    bool
	}{{1000, true}, {1000, true}, {500, false}, {0, false}} {
		deleted, more, err := d.Sweep(t.Context(), visits)
		if err != nil || deleted != want.deleted || more != want.more {
			t.Errorf("Sweep = %d, %v, %v; want %d, %v", deleted, more, err, want.deleted, want.more)
		}
	}
	if n := count(t, d, `SELECT COUNT(*) FROM visit WHERE number < 100`); n != 100 {
		t.Errorf("%d visits are left of those that are not over, want 100", n)
	}
}

// Rows that were used meanwhile stay and are not looked at again, also where there are so many that a chunk has no
// other.
func TestSweepPutsOffWhatWasUsed(t *testing.T) {
	d := dbtest.Open(t, sweepable, clocktest.At(noon))
	rows := rowsOf(2500, func(i int) []any {
		if i < 1500 {
			return []any{i, noon.Add(-time.Hour), noon}
		}
		return []any{i, noon.Add(-time.Hour), noon.Add(-time.Hour)}
	})
	if _, err := d.Load(t.Context(), "pass", []string{"number", "over_at", "used_at"}, rows); err != nil {
		t.Fatal(err)
	}
	passes := db.Sweep{Table: "pass", Key: "number", Over: "over_at", Anew: "used_at + 60000"}
	var total int64
	for range 3 {
		deleted, _, err := d.Sweep(t.Context(), passes)
		if err != nil || deleted > db.SweptAtOnce {
			t.Fatalf("Sweep = %d, %v", deleted, err)
		}
		total += deleted
	}
	if total != 1000 {
		t.Errorf("%d deleted, want 1000", total)
	}
	const later = `SELECT COUNT(*) FROM pass WHERE over_at = $1`
	if n := count(t, d, later, noon.Add(time.Minute)); n != 1500 {
		t.Errorf("%d rows are put off, want 1500", n)
	}
}

// A table that no migration marks is not swept: what changes in it is told by events.
func TestSweepOfATableThatIsNotMarked(t *testing.T) {
	d := dbtest.Open(t, sweepable, clocktest.At(noon))
	for table, swept := range map[string]bool{"permit": true, "account": false} {
		_, _, err := d.Sweep(t.Context(), db.Sweep{Table: table, Key: "number", Over: "over_at"})
		if (err == nil) != swept {
			t.Errorf("sweep %s: %v", table, err)
		}
	}
}

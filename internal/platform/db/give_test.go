package db_test

import (
	"context"
	"errors"
	"testing"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
)

const countSightings = `SELECT COUNT(*) FROM sighting`

func TestEachDoorGivesAValueBack(t *testing.T) {
	ctx, d := withLamp(t)
	for _, tt := range []struct {
		name string
		door func() (int64, error)
		want int64
	}{
		{"Keep", func() (int64, error) {
			return db.Keep(ctx, d, func(k *db.K) (int64, error) { return k.Exec(ctx, addSighting, "s1") })
		}, 1},
		{"Jot", func() (int64, error) {
			return db.Jot(ctx, d, func(k *db.K) (int64, error) { return k.Exec(ctx, addSighting, "s2") })
		}, 1},
		{"Write", func() (int64, error) {
			return db.Write(ctx, d, ann, func(w *db.W) (int64, error) { return w.Exec(ctx, addSighting, "s3") })
		}, 1},
		{"Read", func() (int64, error) {
			return db.Read(ctx, d, func(r db.R) (int64, error) { return db.Value[int64](ctx, r, countSightings) })
		}, 3},
		{"Glance", func() (int64, error) {
			return db.Glance(ctx, d, func(r db.R) (int64, error) { return db.Value[int64](ctx, r, countSightings) })
		}, 3},
	} {
		if got, err := tt.door(); err != nil || got != tt.want {
			t.Errorf("%s gave %d, %v; want %d", tt.name, got, err, tt.want)
		}
	}
}

func TestNoValueComesWithAnErrorOrARefusal(t *testing.T) {
	ctx, d := withLamp(t)
	broken := errors.New("broken")
	read, err := db.Read(ctx, d, func(db.R) (string, error) { return "half", broken })
	if read != "" || !errors.Is(err, broken) {
		t.Errorf("Read gave %q, %v", read, err)
	}
	refused, err := db.Write(ctx, d, ann, func(w *db.W) (string, error) {
		return "half", w.Refuse(ctx, audit.Event{Kind: "thing.refused"}, fault.Forbidden)
	})
	if refused != "" || !errors.Is(err, fault.Forbidden) {
		t.Errorf("Write gave %q, %v", refused, err)
	}
}

// Two updates that read what the other writes cannot both stand. Where the engine runs one again, its value is
// that of the run that stood.
func TestWriteGivesWhatTheLastRunGave(t *testing.T) {
	ctx, d := withLamp(t)
	ran := 0
	given, err := db.Write(ctx, d, ann, func(w *db.W) ([]string, error) {
		ran++
		before := names(ctx, t, w)
		if ran == 1 && dbtest.Server() != "" {
			changeMeanwhile(ctx, t, d)
		}
		return before, errors.Join(addThing(ctx, w, "t9", "gong"),
			w.Change(ctx, `UPDATE thing SET name = name || '!' WHERE id = 't1'`))
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "lamp"
	if dbtest.Server() != "" {
		want = "bell"
	}
	if len(given) != 1 || given[0] != want {
		t.Errorf("after %d runs it gave %q, want %q", ran, given, want)
	}
}

func changeMeanwhile(ctx context.Context, t *testing.T, d *db.DB) {
	t.Helper()
	err := d.Update(ctx, ann, func(w *db.W) error {
		return errors.Join(w.Soon(ctx, ringInstead, "lamp"), w.Record(ctx, told))
	})
	if err != nil {
		t.Fatal(err)
	}
}

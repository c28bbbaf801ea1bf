package db_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

const addSighting = `INSERT INTO sighting (id, place) VALUES ($1, 'here')`

func addSightings(ctx context.Context, x db.X, ids ...string) error {
	for _, id := range ids {
		if _, err := x.Exec(ctx, addSighting, id); err != nil {
			return err
		}
	}
	return nil
}

// Each query of a Glance sees what is newest, where those of a View see one state.
func TestGlanceSeesWhatIsNewest(t *testing.T) {
	for name, c := range map[string]struct {
		door func(d *db.DB, ctx context.Context, fn func(r db.R) error) error
		want []string
	}{
		"Glance": {(*db.DB).Glance, []string{"lamp", "bell"}},
		"View":   {(*db.DB).View, []string{"lamp", "lamp"}},
	} {
		ctx, d := withLamp(t)
		var seen []string
		err := c.door(d, ctx, func(r db.R) error {
			seen = append(seen, names(ctx, t, r)...)
			err := d.Update(ctx, ann, func(w *db.W) error {
				return errors.Join(w.Soon(ctx, ringInstead, "lamp"), w.Record(ctx, told))
			})
			seen = append(seen, names(ctx, t, r)...)
			return err
		})
		if err != nil || !slices.Equal(seen, c.want) {
			t.Errorf("%s saw %q, %v; want %q", name, seen, err, c.want)
		}
	}
}

func TestGlanceChangesNothing(t *testing.T) {
	ctx, d := withLamp(t)
	err := d.Glance(ctx, func(r db.R) error {
		_, err := db.Value[string](ctx, r, `DELETE FROM sighting RETURNING id`)
		return err
	})
	if err == nil || errors.Is(err, fault.NotFound) {
		t.Errorf("a Glance ran a change: %v", err)
	}
}

func TestJotKeepsByOneStatement(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	if err := d.Jot(ctx, func(k *db.K) error { return addSightings(ctx, k, "s1") }); err != nil {
		t.Fatal(err)
	}
	if err := d.Jot(ctx, func(k *db.K) error { return addSightings(ctx, k, "s2", "s3") }); err == nil {
		t.Error("a second statement ran in a Jot")
	}
	if err := d.Jot(ctx, func(k *db.K) error { return addSightings(ctx, k, "s1") }); !errors.Is(err, db.ErrUnique) {
		t.Errorf("a second s1 gave %v, want ErrUnique", err)
	}
	if err := d.Jot(ctx, func(k *db.K) error { _, err := k.Exec(ctx, `DELETE FROM thing`); return err }); err == nil {
		t.Error("a Jot changed what is not bookkeeping")
	}
	var taken string
	err := d.Jot(ctx, func(k *db.K) (err error) {
		taken, err = db.Value[string](ctx, k, `DELETE FROM sighting WHERE id = 's1' RETURNING id`)
		return err
	})
	if taken != "s1" || err != nil {
		t.Errorf("took %q, %v; want s1", taken, err)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM sighting WHERE id <> 's2'`); n != 0 {
		t.Errorf("%d sightings are left besides s2, which came with a second statement", n)
	}
}

// What runs soon has run before the next statement, and with the commit at the latest.
func TestSoonRunsInItsOrder(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	err := d.Update(ctx, ann, func(w *db.W) error {
		if err := w.Soon(ctx, `INSERT INTO thing (id, name) VALUES ('t1', 'lamp')`); err != nil {
			return err
		}
		n, err := w.Exec(ctx, `UPDATE thing SET name = 'bell' WHERE name = 'lamp'`)
		if n != 1 || err != nil {
			t.Errorf("changed %d things, %v; want the one added before", n, err)
		}
		if err := w.Soon(ctx, `INSERT INTO thing (id, name) VALUES ('t2', 'lamp')`); err != nil {
			return err
		}
		return w.Record(ctx, told)
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM thing`); n != 2 {
		t.Errorf("%d things, want 2", n)
	}
}

func TestSoonNeedsAnEventToo(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	err := d.Update(ctx, ann, func(w *db.W) error {
		return w.Soon(ctx, `INSERT INTO thing (id, name) VALUES ('t1', 'lamp')`)
	})
	if err == nil {
		t.Error("a change without an event was committed")
	}
}

// A statement that fails when its turn comes undoes the update, whether something follows it or not.
func TestSoonThatFailsUndoesTheUpdate(t *testing.T) {
	clash := `INSERT INTO thing (id, name) VALUES ('t2', 'lamp')`
	after := map[string]func(ctx context.Context, w *db.W) error{
		"the commit":  func(context.Context, *db.W) error { return nil },
		"a statement": func(ctx context.Context, w *db.W) error { _, err := w.Exec(ctx, `DELETE FROM sighting`); return err },
		"a query":     func(ctx context.Context, w *db.W) error { return w.Each(ctx, nothing, `SELECT id FROM thing`) },
		"an event":    func(ctx context.Context, w *db.W) error { return w.Record(ctx, told) },
	}
	for name, next := range after {
		t.Run(name, func(t *testing.T) {
			ctx, d := withLamp(t)
			err := d.Update(ctx, ann, func(w *db.W) error {
				return errors.Join(w.Record(ctx, told), w.Soon(ctx, clash), next(ctx, w))
			})
			if !errors.Is(err, db.ErrUnique) {
				t.Errorf("err = %v, want ErrUnique", err)
			}
			if n := count(t, d, `SELECT COUNT(*) FROM event`); n != 1 {
				t.Errorf("%d events, want only that of the lamp", n)
			}
		})
	}
}

// A refusal undoes what was to run soon as well.
func TestRefuseUndoesWhatWasToRunSoon(t *testing.T) {
	ctx, d := withLamp(t)
	for _, sql := range []string{`INSERT INTO thing (id, name) VALUES ('t2', 'bell')`, `INSERT INTO thing (id, name) VALUES ('t2', 'lamp')`} {
		err := d.Update(ctx, ann, func(w *db.W) error {
			_ = w.Soon(ctx, sql)
			return w.Refuse(ctx, audit.Event{Kind: "thing.refused", Subject: audit.Ref{Kind: "thing", ID: "t2"}}, fault.Forbidden)
		})
		if !errors.Is(err, fault.Forbidden) {
			t.Errorf("%s: err = %v, want fault.Forbidden", sql, err)
		}
	}
	if n := count(t, d, `SELECT COUNT(*) FROM thing`); n != 1 {
		t.Errorf("%d things, want the lamp alone", n)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM event WHERE kind = 'thing.refused'`); n != 2 {
		t.Errorf("%d refusals were recorded, want 2", n)
	}
}

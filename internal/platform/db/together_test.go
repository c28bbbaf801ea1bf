package db_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

const (
	allNames    = `SELECT name FROM thing ORDER BY name`
	nameOfID    = `SELECT name FROM thing WHERE id = $1`
	allKinds    = `SELECT kind, at, CAST(NULL AS BIGINT), digest FROM event ORDER BY id`
	ringInstead = `UPDATE thing SET name = 'bell' WHERE name = $1`
)

func names(ctx context.Context, t *testing.T, r db.R) []string {
	t.Helper()
	list, err := db.All(ctx, r, db.Column[string], allNames)
	if err != nil {
		t.Errorf("%s: %v", allNames, err)
	}
	return list
}

// doors are those through which queries may be asked together.
var doors = map[string]func(ctx context.Context, d *db.DB, fn func(r db.R) error) error{
	"View":   func(ctx context.Context, d *db.DB, fn func(r db.R) error) error { return d.View(ctx, fn) },
	"Glance": func(ctx context.Context, d *db.DB, fn func(r db.R) error) error { return d.Glance(ctx, fn) },
	"Update": func(ctx context.Context, d *db.DB, fn func(r db.R) error) error {
		return d.Update(ctx, ann, func(w *db.W) error { return fn(w) })
	},
	"Keep": func(ctx context.Context, d *db.DB, fn func(r db.R) error) error {
		return d.Keep(ctx, func(k *db.K) error { return fn(k) })
	},
}

type eventRow struct {
	kind   string
	at     int64
	digest []byte
}

func scanEventRow(scan db.Scanner) (r eventRow, err error) {
	var none *int64
	err = scan(&r.kind, &r.at, &none, &r.digest)
	if none != nil {
		err = errors.Join(err, fmt.Errorf("NULL came as %d", *none))
	}
	return r, err
}

// Each query asked together gives the rows that it gives alone, whatever is asked before and after.
func TestTogetherGivesWhatEachGivesAlone(t *testing.T) {
	for name, door := range doors {
		ctx, d := withLamp(t)
		err := door(ctx, d, func(r db.R) error {
			lamps := db.Ask(db.Column[string], nameOfID, "t1")
			none := db.Ask(db.Column[string], nameOfID, "t2")
			events := db.Ask(scanEventRow, allKinds)
			for range 2 {
				if err := db.Together(ctx, r, lamps, none, events); err != nil {
					return err
				}
			}
			if lamp, err := lamps.One(); lamp != "lamp" || err != nil || len(lamps.All()) != 1 {
				t.Errorf("%s: the lamp came as %q, %v", name, lamps.All(), err)
			}
			if _, err := none.One(); !errors.Is(err, fault.NotFound) {
				t.Errorf("%s: what is absent: %v, want fault.NotFound", name, err)
			}
			alone, err := db.All(ctx, r, scanEventRow, allKinds)
			if err != nil {
				return err
			}
			if diff := cmp.Diff(alone, events.All(), cmp.AllowUnexported(eventRow{})); diff != "" || len(alone) != 1 {
				t.Errorf("%s: alone and together: %s", name, diff)
			}
			return db.Together(ctx, r)
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What is asked together sees what the Update changed before, at once or soon.
func TestTogetherSeesChanges(t *testing.T) {
	for name, ring := range map[string]func(ctx context.Context, w *db.W) error{
		"Exec":       func(ctx context.Context, w *db.W) error { _, err := w.Exec(ctx, ringInstead, "lamp"); return err },
		"Soon":       func(ctx context.Context, w *db.W) error { return w.Soon(ctx, ringInstead, "lamp") },
		"ChangeSoon": func(ctx context.Context, w *db.W) error { return w.ChangeSoon(ctx, ringInstead, "lamp") },
	} {
		ctx, d := withLamp(t)
		err := d.Update(ctx, ann, func(w *db.W) error {
			all := db.Ask(db.Column[string], allNames)
			one := db.Ask(db.Column[string], nameOfID, "t1")
			if err := errors.Join(ring(ctx, w), db.Together(ctx, w, all, one)); err != nil {
				return err
			}
			if !slices.Equal(all.All(), []string{"bell"}) || !slices.Equal(one.All(), []string{"bell"}) {
				t.Errorf("%s: names = %q and %q, want the bell", name, all.All(), one.All())
			}
			return w.Record(ctx, told)
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// A query that cannot be asked fails what it was asked with, and is named where the database refused it.
func TestTogetherWithWhatCannotBeAsked(t *testing.T) {
	const unknown = `SELECT nothing FROM nowhere`
	good := func() db.Query { return db.Ask(db.Column[string], allNames) }
	for name, c := range map[string]struct {
		wrong db.Query
		named string
	}{
		"no such table":         {db.Ask(db.Column[string], unknown), unknown},
		"a change":              {db.Ask(db.Column[string], `DELETE FROM thing RETURNING name`), "SELECT"},
		"two statements":        {db.Ask(db.Column[string], `SELECT 1; SELECT 2`), "several"},
		"an argument":           {db.Ask(db.Column[string], nameOfID, []int{1}), "$1"},
		"a row of another kind": {db.Ask(db.Column[int64], allNames), allNames},
	} {
		for door, through := range doors {
			ctx, d := withLamp(t)
			err := through(ctx, d, func(r db.R) error {
				err := db.Together(ctx, r, good(), c.wrong, good())
				if again := db.Together(ctx, r, good()); again == nil {
					t.Errorf("%s in %s: what came after was asked", name, door)
				}
				return err
			})
			if err == nil || !strings.Contains(err.Error(), c.named) {
				t.Errorf("%s in %s: %v, want an error that names %s", name, door, err, c.named)
			}
			if n := count(t, d, `SELECT COUNT(*) FROM thing`); n != 1 {
				t.Errorf("%s in %s: %d things are left", name, door, n)
			}
		}
	}
}

func TestTogetherIsMoreThanAJot(t *testing.T) {
	ctx, d := withLamp(t)
	err := d.Jot(ctx, func(k *db.K) error {
		return db.Together(ctx, k, db.Ask(db.Column[string], allNames), db.Ask(db.Column[string], allNames))
	})
	if err == nil {
		t.Error("a Jot asked two queries")
	}
}

// A change that must be of one row undoes the update when it was not, at the latest at the end.
func TestChangeSoonOfOneRow(t *testing.T) {
	after := map[string]func(ctx context.Context, w *db.W) error{
		"the commit": func(context.Context, *db.W) error { return nil },
		"a query":    func(ctx context.Context, w *db.W) error { return w.Each(ctx, nothing, nameOfID, "t1") },
	}
	for name, next := range after {
		for rows, change := range map[int]string{
			0: `UPDATE thing SET large = TRUE WHERE name = 'horn'`,
			1: `UPDATE thing SET large = TRUE WHERE name = 'lamp'`,
			2: `DELETE FROM thing WHERE name IN ('lamp', 'bell')`,
		} {
			ctx, d := withLamp(t)
			if err := d.Update(ctx, ann, func(w *db.W) error { return addThing(ctx, w, "t2", "bell") }); err != nil {
				t.Fatal(err)
			}
			err := d.Update(ctx, ann, func(w *db.W) error {
				return errors.Join(w.Record(ctx, told), w.ChangeSoon(ctx, change), next(ctx, w))
			})
			if rows == 1 && err != nil || rows != 1 && !errors.Is(err, fault.Conflict) {
				t.Errorf("%d rows, then %s: %v, want fault.Conflict unless it is one row", rows, name, err)
			}
			if n := count(t, d, `SELECT COUNT(*) FROM thing`); n != 2 {
				t.Errorf("%d rows, then %s: %d things, want 2", rows, name, n)
			}
			if n := count(t, d, `SELECT COUNT(*) FROM thing WHERE large`); n != int64(rows%2) {
				t.Errorf("%d rows, then %s: %d changed", rows, name, n)
			}
		}
	}
}

// A refusal forgets what was to change.
func TestRefuseForgetsWhatWasToChange(t *testing.T) {
	ctx, d := withLamp(t)
	err := d.Update(ctx, ann, func(w *db.W) error {
		_ = w.ChangeSoon(ctx, ringInstead, "lamp")
		return w.Refuse(ctx, audit.Event{Kind: "thing.refused", Subject: audit.Ref{Kind: "thing", ID: "t1"}}, fault.Forbidden)
	})
	if !errors.Is(err, fault.Forbidden) {
		t.Errorf("err = %v, want fault.Forbidden", err)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM thing WHERE name = 'lamp'`); n != 1 {
		t.Error("the lamp was changed by an update that was refused")
	}
}

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

// What was said ahead is read as if it had not been, whatever comes in between.
func TestAheadReadsTheSame(t *testing.T) {
	for name, between := range map[string]func(ctx context.Context, w *db.W) error{
		"nothing":            func(context.Context, *db.W) error { return nil },
		"another query":      func(ctx context.Context, w *db.W) error { return w.Each(ctx, nothing, nameOfID, "t1") },
		"a change elsewhere": func(ctx context.Context, w *db.W) error { _, err := w.Exec(ctx, `DELETE FROM sighting`); return err },
		"the same ahead again": func(ctx context.Context, w *db.W) error {
			w.Ahead(allNames)
			return w.Each(ctx, nothing, nameOfID, "t1")
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, d := withLamp(t)
			err := d.Update(ctx, ann, func(w *db.W) error {
				w.Ahead(allNames)
				w.Ahead(nameOfID, "t2")
				if err := between(ctx, w); err != nil {
					return err
				}
				for range 2 {
					if got := names(ctx, t, w); !slices.Equal(got, []string{"lamp"}) {
						t.Errorf("names = %q, want the lamp", got)
					}
				}
				if v, err := db.Value[string](ctx, w, nameOfID, "t1"); v != "lamp" || err != nil {
					t.Errorf("the name of t1 is %q, %v: that of t2 was said ahead, not its", v, err)
				}
				if _, err := db.Value[string](ctx, w, nameOfID, "t2"); !errors.Is(err, fault.NotFound) {
					t.Errorf("the name of t2: %v, want fault.NotFound", err)
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
}

// A change is seen by a query that was said, and perhaps sent, before it.
func TestAheadSeesChanges(t *testing.T) {
	change := map[string]func(ctx context.Context, w *db.W) error{
		"Exec":       func(ctx context.Context, w *db.W) error { _, err := w.Exec(ctx, ringInstead, "lamp"); return err },
		"Soon":       func(ctx context.Context, w *db.W) error { return w.Soon(ctx, ringInstead, "lamp") },
		"ChangeSoon": func(ctx context.Context, w *db.W) error { return w.ChangeSoon(ctx, ringInstead, "lamp") },
		"RETURNING": func(ctx context.Context, w *db.W) error {
			return w.Each(ctx, nothing, ringInstead+` RETURNING id`, "lamp")
		},
	}
	for name, ring := range change {
		for _, sent := range []bool{false, true} {
			ctx, d := withLamp(t)
			err := d.Update(ctx, ann, func(w *db.W) error {
				w.Ahead(allNames)
				if sent {
					if err := w.Each(ctx, nothing, nameOfID, "t1"); err != nil {
						return err
					}
				}
				if err := ring(ctx, w); err != nil {
					return err
				}
				if got := names(ctx, t, w); !slices.Equal(got, []string{"bell"}) {
					t.Errorf("%s, sent before %v: names = %q, want the bell", name, sent, got)
				}
				return w.Record(ctx, told)
			})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

// Values of every kind come as they would have.
func TestAheadGivesWholeRows(t *testing.T) {
	ctx, d := withLamp(t)
	type row struct {
		kind   string
		at     int64
		digest []byte
	}
	scan := func(scan db.Scanner) (r row, err error) {
		var none *int64
		err = scan(&r.kind, &r.at, &none, &r.digest)
		if none != nil {
			t.Errorf("NULL came as %d", *none)
		}
		return r, err
	}
	err := d.View(ctx, func(r db.R) error {
		r.Ahead(allKinds)
		r.Ahead(`SELECT id, name FROM thing`) // of other columns
		if err := r.Each(ctx, nothing, allNames); err != nil {
			return err
		}
		var rows [2][]row
		for n := range rows {
			var err error
			if rows[n], err = db.All(ctx, r, scan, allKinds); err != nil {
				return err
			}
		}
		same := slices.EqualFunc(rows[0], rows[1], func(a, b row) bool {
			return a.kind == b.kind && a.at == b.at && slices.Equal(a.digest, b.digest)
		})
		if !same || len(rows[0]) != 1 || rows[0][0].at == 0 || len(rows[0][0].digest) == 0 {
			t.Errorf("ahead %v, then %v", rows[0], rows[1])
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// What is wrong with a query is said when it is asked, not when it was said ahead.
func TestAheadOfWhatCannotBe(t *testing.T) {
	ctx, d := withLamp(t)
	for _, wrong := range []string{`SELECT 1; SELECT 2`, `DELETE FROM thing`} {
		err := d.Update(ctx, ann, func(w *db.W) error {
			w.Ahead(wrong)
			if got := names(ctx, t, w); !slices.Equal(got, []string{"lamp"}) {
				t.Errorf("after %q ahead, names = %q", wrong, got)
			}
			return nil
		})
		if err != nil {
			t.Errorf("%q ahead: %v", wrong, err)
		}
	}
	if err := d.View(ctx, func(r db.R) error { r.Ahead(`SELECT nothing FROM nowhere`); return nil }); err != nil {
		t.Errorf("a query that nobody asked: %v", err)
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

// A refusal forgets what was said ahead of it and what was to change.
func TestRefuseForgetsWhatWasAhead(t *testing.T) {
	ctx, d := withLamp(t)
	err := d.Update(ctx, ann, func(w *db.W) error {
		w.Ahead(allNames)
		_ = w.ChangeSoon(ctx, ringInstead, "lamp")
		w.Ahead(`SELECT nothing FROM nowhere`)
		return w.Refuse(ctx, audit.Event{Kind: "thing.refused", Subject: audit.Ref{Kind: "thing", ID: "t1"}}, fault.Forbidden)
	})
	if !errors.Is(err, fault.Forbidden) {
		t.Errorf("err = %v, want fault.Forbidden", err)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM thing WHERE name = 'lamp'`); n != 1 {
		t.Error("the lamp was changed by an update that was refused")
	}
}

package db_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
)

const (
	ringNothing = `UPDATE thing SET name = 'bell' WHERE name = $1 AND large`
	addLampTwo  = `INSERT INTO thing (id, name) VALUES ($1, 'lamp')`
	changeOther = `UPDATE nowhere SET name = 'bell' WHERE name = $1`
)

// A statement that fails by itself, while another that nobody blames stands beside it.
var failsSoon = map[string]struct {
	soon func(ctx context.Context, w *db.W) error
	sql  string
	err  error // nil for any
}{
	"changes no row":       {func(ctx context.Context, w *db.W) error { return w.ChangeSoon(ctx, ringNothing, "lamp") }, ringNothing, fault.Conflict},
	"is there already":     {func(ctx context.Context, w *db.W) error { return w.Soon(ctx, addLampTwo, "t2") }, addLampTwo, db.ErrUnique},
	"cannot be understood": {func(ctx context.Context, w *db.W) error { return w.Soon(ctx, changeOther, "lamp") }, changeOther, nil},
	"one of no such table": {func(ctx context.Context, w *db.W) error { return w.ChangeSoon(ctx, changeOther, "lamp") }, changeOther, nil},
}

// The error of a statement that ran soon says which it was, whether it comes with a later statement or with the
// commit, whatever ran before.
func TestStatementThatFailedSoonIsNamed(t *testing.T) {
	for name, c := range failsSoon {
		for _, before := range []bool{false, true} {
			for _, after := range []bool{false, true} {
				t.Run(name, func(t *testing.T) {
					ctx, d := withLamp(t)
					err := d.Update(ctx, ann, func(w *db.W) error {
						if before {
							names(ctx, t, w)
						}
						return soonAmongOthers(ctx, w, c.soon, after)
					})
					if c.err != nil && !errors.Is(err, c.err) {
						t.Errorf("err = %v, want %v", err, c.err)
					}
					// Where the server changes the text to see to the one row, it still holds the statement's.
					if err == nil || !strings.Contains(err.Error(), c.sql) {
						t.Errorf("err = %v, want one that names %s", err, c.sql)
					}
					if n := count(t, d, `SELECT COUNT(*) FROM sighting`); n != 0 {
						t.Errorf("sightings = %d, want all undone", n)
					}
				})
			}
		}
	}
}

func soonAmongOthers(ctx context.Context, w *db.W, soon func(context.Context, *db.W) error, after bool) error {
	if err := w.Soon(ctx, addSighting, "s1"); err != nil {
		return err
	}
	if err := soon(ctx, w); err != nil {
		return err
	}
	if err := w.Soon(ctx, addSighting, "s2"); err != nil || !after {
		return errors.Join(err, w.Record(ctx, told))
	}
	_, err := w.Exec(ctx, addSighting, "s3")
	return errors.Join(err, w.Record(ctx, told))
}

func TestLongStatementIsNamedByItsBeginning(t *testing.T) {
	ctx, d := withLamp(t)
	long := `UPDATE thing
		SET name = 'bell' WHERE id = $1 AND name IN (` + strings.Repeat(`'é', `, 100) + `'z')`
	err := d.Update(ctx, ann, func(w *db.W) error {
		return errors.Join(w.ChangeSoon(ctx, long, "t1"), w.Record(ctx, told))
	})
	if err == nil || !strings.Contains(err.Error(), "UPDATE thing SET name = 'bell' WHERE id = $1") ||
		len(err.Error()) > 400 {
		t.Errorf("err = %v, want the beginning of the statement on one line", err)
	}
}

// What was asked to be answered soon gives the state at that moment, whichever statement follows, and none too.
func TestAskedSoonIsAnswered(t *testing.T) {
	for name, next := range map[string]func(ctx context.Context, w *db.W) error{
		"nothing":    func(context.Context, *db.W) error { return nil },
		"a query":    func(ctx context.Context, w *db.W) error { return w.Each(ctx, nothing, allNames) },
		"a change":   func(ctx context.Context, w *db.W) error { return w.Change(ctx, ringInstead, "lamp") },
		"a late one": func(ctx context.Context, w *db.W) error { return w.ChangeSoon(ctx, ringInstead, "lamp") },
		"others asked": func(ctx context.Context, w *db.W) error {
			return db.Together(ctx, w, db.Ask(db.Column[string], allNames))
		},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, d := withLamp(t)
			err := d.Update(ctx, ann, func(w *db.W) error {
				lamp := db.Ask(db.Column[string], nameOfID, "t1")
				none := db.Ask(db.Column[string], nameOfID, "t2")
				answered := w.AskSoon(ctx, lamp, none)
				if err := next(ctx, w); err != nil {
					return err
				}
				if err := answered(); err != nil {
					return err
				}
				if got, err := lamp.One(); got != "lamp" || err != nil || len(lamp.All()) != 1 {
					t.Errorf("the lamp came as %q, %v", lamp.All(), err)
				}
				if _, err := none.One(); !errors.Is(err, fault.NotFound) {
					t.Errorf("what is absent: %v, want fault.NotFound", err)
				}
				return w.Record(ctx, told)
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
}

// Nobody takes a question that failed, or that was never sent, for one without an answer.
func TestAskedSoonAndFailed(t *testing.T) {
	const nonsense = `SELECT name FROM nowhere`
	for name, after := range map[string]func(ctx context.Context, w *db.W) error{
		"by itself":                func(context.Context, *db.W) error { return nil },
		"with a statement":         func(ctx context.Context, w *db.W) error { return w.Each(ctx, nothing, allNames) },
		"after a failed statement": func(ctx context.Context, w *db.W) error { return w.Change(ctx, ringInstead, "nobody") },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, d := withLamp(t)
			err := d.Update(ctx, ann, func(w *db.W) error {
				answered := w.AskSoon(ctx, db.Ask(db.Column[string], nonsense))
				_ = after(ctx, w)
				if err := answered(); err == nil {
					t.Error("a question that failed was answered")
				}
				return w.Record(ctx, told)
			})
			if err == nil || !strings.Contains(err.Error(), nonsense) {
				t.Errorf("err = %v, want one that names %s", err, nonsense)
			}
		})
	}
	ctx, d := withLamp(t)
	err := d.Update(ctx, ann, func(w *db.W) error {
		return w.AskSoon(ctx, db.Ask(db.Column[string], `DELETE FROM thing RETURNING name`))()
	})
	if err == nil || count(t, d, `SELECT COUNT(*) FROM thing`) != 1 {
		t.Errorf("a change passed for a question: %v", err)
	}
}

// An answer that came with a statement is there without one more journey, also while a change waits for the next: its
// error comes later. SQLite lets nothing wait.
func TestAnswersMakeNoJourneyOfTheirOwn(t *testing.T) {
	if dbtest.Server() == "" {
		return
	}
	ctx, d := withLamp(t)
	err := d.Update(ctx, ann, func(w *db.W) error {
		lamp := db.Ask(db.Column[string], nameOfID, "t1")
		answered := w.AskSoon(ctx, lamp)
		names(ctx, t, w)
		if err := w.Soon(ctx, addLampTwo, "t2"); err != nil {
			return err
		}
		if err := answered(); err != nil || len(lamp.All()) != 1 {
			t.Errorf("what waits was sent for an answer that was there: %v", err)
		}
		return w.Record(ctx, told)
	})
	if !errors.Is(err, db.ErrUnique) {
		t.Errorf("err = %v, want that of the change", err)
	}
}

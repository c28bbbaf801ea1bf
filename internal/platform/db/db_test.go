package db_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
)

var tables = fstest.MapFS{"202611249001_test.sql": {Data: []byte(`-- +goose Up
-- bookkeeping: sighting
-- rewritten: thing, administrator
CREATE TABLE thing (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, seen_at BIGINT, large BOOLEAN NOT NULL DEFAULT FALSE);
CREATE TABLE sighting (id TEXT PRIMARY KEY, place TEXT NOT NULL);
CREATE TABLE administrator (organisation TEXT NOT NULL, person TEXT NOT NULL, PRIMARY KEY (organisation, person));
`)}}

var (
	noon = time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	ann  = actor.Actor{Kind: actor.Person, ID: "a1", Name: "Ann", Role: "lead", Request: "r1"}
)

func open(t *testing.T) *db.DB { return dbtest.Open(t, tables, clocktest.At(noon)) }

func addThing(ctx context.Context, w *db.W, id, name string) error {
	const insert = `INSERT INTO thing (id, name, seen_at) VALUES ($1, $2, $3)`
	if _, err := w.Exec(ctx, insert, id, name, w.Now()); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: "thing.added", Subject: audit.Ref{Kind: "thing", ID: id}, After: map[string]string{"name": name}})
}

func count(t *testing.T, d *db.DB, sql string, args ...any) int64 {
	t.Helper()
	var n int64
	err := d.View(t.Context(), func(r db.R) (err error) {
		n, err = db.Value[int64](t.Context(), r, sql, args...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// However many events an Update has, each is written, with its detail.
func TestUpdateWritesAllItsEvents(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	const events = 35
	err := d.Update(ctx, ann, func(w *db.W) error {
		for n := range events {
			if err := w.Record(ctx, audit.Event{Kind: "thing.counted", Reason: fmt.Sprint(n)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	whole := count(t, d, `SELECT COUNT(DISTINCT d.reason) FROM event e JOIN event_detail d ON d.event_id = e.id WHERE e.kind = 'thing.counted'`)
	if whole != events {
		t.Errorf("%d events are whole, want %d", whole, events)
	}
	if err := d.Update(ctx, ann, func(w *db.W) error { return w.Record(ctx, audit.Event{Kind: "thing.counted", Reason: "a\x00b"}) }); err == nil {
		t.Error("an event with NUL in its text was taken")
	}
}

func TestUpdateCommitsWithItsEvent(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	if err := d.Update(ctx, ann, func(w *db.W) error { return addThing(ctx, w, "t1", "lamp") }); err != nil {
		t.Fatal(err)
	}
	err := d.View(ctx, func(r db.R) error {
		list, err := audit.Of(ctx, r, audit.Ref{Kind: "thing", ID: "t1"}, 10)
		if err != nil {
			return err
		}
		if len(list) != 1 {
			t.Fatalf("events = %d, want 1", len(list))
		}
		e := list[0]
		if e.ActorID != "a1" || e.ActorName != "Ann" || e.Role != "lead" || e.RequestID != "r1" ||
			!e.At.Equal(noon) || !e.Intact {
			t.Errorf("event = %+v", e)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestUpdateWithoutEventIsUndone(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	err := d.Update(ctx, ann, func(w *db.W) error {
		_, err := w.Exec(ctx, `INSERT INTO thing (id, name) VALUES ('t1', 'lamp')`)
		return err
	})
	if err == nil {
		t.Fatal("an update without an event was committed")
	}
	if n := count(t, d, `SELECT COUNT(*) FROM thing`); n != 0 {
		t.Errorf("things = %d, want 0", n)
	}
}

func TestUpdateOfBookkeepingAloneNeedsNoEvent(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	err := d.Update(ctx, ann, func(w *db.W) error {
		_, err := w.Exec(ctx, `INSERT INTO sighting (id, place) VALUES ('s1', 'here')`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRefuseUndoesTheWorkAndKeepsTheEventAndItsCounter(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	says := fault.Say(fault.Forbidden, "You may not add things.")
	for range 2 {
		err := d.Update(ctx, ann, func(w *db.W) error {
			if err := addThing(ctx, w, "t1", "lamp"); err != nil {
				return err
			}
			return w.Refuse(ctx, audit.Event{Kind: "thing.refused", Subject: audit.Ref{Kind: "thing", ID: "t1"}}, says)
		})
		if !errors.Is(err, fault.Forbidden) {
			t.Fatalf("err = %v, want the fault", err)
		}
	}
	if n := count(t, d, `SELECT COUNT(*) FROM thing`); n != 0 {
		t.Errorf("things = %d, want 0", n)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM event WHERE kind = 'thing.added'`); n != 0 {
		t.Errorf("events of undone work = %d, want 0", n)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM event WHERE kind = 'thing.refused'`); n != 2 {
		t.Errorf("refusal events = %d, want 2", n)
	}
	err := d.View(ctx, func(r db.R) error {
		c, err := db.Counted(ctx, r, "thing.refused", "t1")
		if c.N != 2 || !c.First.Equal(noon) {
			t.Errorf("counter = %+v, want 2", c)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestRefuseAfterAFailedStatement(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	if err := d.Update(ctx, ann, func(w *db.W) error { return addThing(ctx, w, "t1", "lamp") }); err != nil {
		t.Fatal(err)
	}
	err := d.Update(ctx, ann, func(w *db.W) error {
		err := addThing(ctx, w, "t2", "lamp")
		if !errors.Is(err, db.ErrUnique) {
			t.Fatalf("second lamp: %v, want ErrUnique", err)
		}
		if _, err := w.Exec(ctx, `DELETE FROM thing`); err == nil {
			t.Error("a statement ran after a failed one")
		}
		return w.Refuse(ctx, audit.Event{Kind: "thing.clash", Subject: audit.Ref{Kind: "thing", ID: "t2"}},
			fault.Say(fault.Conflict, "There is a lamp already."))
	})
	if !errors.Is(err, fault.Conflict) {
		t.Fatalf("err = %v, want the fault", err)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM event WHERE kind = 'thing.clash'`); n != 1 {
		t.Errorf("clash events = %d, want 1", n)
	}
}

func TestFailedStatementThatIsIgnoredFailsTheUpdate(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	err := d.Update(ctx, ann, func(w *db.W) error {
		if err := addThing(ctx, w, "t1", "lamp"); err != nil {
			return err
		}
		_ = addThing(ctx, w, "t2", "lamp")
		return nil
	})
	if err == nil {
		t.Fatal("an update with an ignored failure was committed")
	}
	if n := count(t, d, `SELECT COUNT(*) FROM thing`); n != 0 {
		t.Errorf("things = %d, want 0", n)
	}
}

func TestKeepHoldsToBookkeeping(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	err := d.Keep(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, `INSERT INTO sighting (id, place) VALUES ('s1', 'here')`)
		return err
	})
	if err != nil {
		t.Fatalf("keep a bookkeeping row: %v", err)
	}
	for _, sql := range []string{
		`INSERT INTO thing (id, name) VALUES ('t1', 'lamp')`,
		`UPDATE thing SET name = 'x'`,
		`DELETE FROM event`,
		`WITH x AS (SELECT 1) DELETE FROM thing`,
	} {
		if err := d.Keep(ctx, func(k *db.K) error { _, err := k.Exec(ctx, sql); return err }); err == nil {
			t.Errorf("keep ran %q", sql)
		}
	}
	err = d.Keep(ctx, func(k *db.K) error {
		_ = k.Each(ctx, func(func(...any) error) error { return nil }, `DELETE FROM thing RETURNING id`)
		return nil
	})
	if err == nil {
		t.Error("keep committed after a refused statement")
	}
}

func TestViewCannotChange(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	err := d.View(ctx, func(r db.R) error {
		_, err := db.All(ctx, r, db.Column[string], `INSERT INTO sighting (id, place) VALUES ('s1', 'here') RETURNING id`)
		return err
	})
	if err == nil {
		t.Fatal("a view changed a row")
	}
}

func TestAbsentIsNotFound(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	err := d.View(ctx, func(r db.R) error {
		_, err := db.Value[string](ctx, r, `SELECT name FROM thing WHERE id = $1`, "none")
		return err
	})
	if !errors.Is(err, fault.NotFound) {
		t.Errorf("err = %v, want fault.NotFound", err)
	}
}

func TestTextThatOnlyOneEngineWouldTakeIsRefused(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	for _, bad := range []string{"a\x00b", "a\xffb"} {
		err := d.Update(ctx, ann, func(w *db.W) error { return addThing(ctx, w, "t1", bad) })
		if err == nil {
			t.Errorf("%q was kept", bad)
		}
	}
}

func TestValuesComeBackAsTheyWent(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	err := d.Update(ctx, ann, func(w *db.W) error {
		_, err := w.Exec(ctx, `INSERT INTO thing (id, name, seen_at, large) VALUES ($1, $2, $3, $4)`, "t1", "Ünïcode", noon, true)
		if err != nil {
			return err
		}
		if _, err = w.Exec(ctx, `INSERT INTO thing (id, name, seen_at) VALUES ($1, $2, $3)`, "t2", "never", time.Time{}); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: "thing.added"})
	})
	if err != nil {
		t.Fatal(err)
	}
	type thing struct {
		Name  string
		Seen  time.Time
		Large bool
	}
	err = d.View(ctx, func(r db.R) error {
		got, err := db.All(ctx, r, func(scan db.Scanner) (x thing, err error) {
			err = scan(&x.Name, db.At(&x.Seen), &x.Large)
			return x, err
		}, `SELECT name, seen_at, large FROM thing ORDER BY id`)
		want := []thing{{"Ünïcode", noon, true}, {Name: "never"}}
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("got %v, want %v", got, want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestLoadStagesManyRows(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	n, err := d.Load(ctx, "sighting", []string{"id", "place"}, func(yield func([]any, error) bool) {
		for i := range 2500 {
			if !yield([]any{fmt.Sprintf("s%04d", i), "here"}, nil) {
				return
			}
		}
	})
	if err != nil || n != 2500 {
		t.Fatalf("loaded %d, %v", n, err)
	}
	if got := count(t, d, `SELECT COUNT(*) FROM sighting`); got != 2500 {
		t.Errorf("rows = %d, want 2500", got)
	}
	_, err = d.Load(ctx, "sighting", []string{"id", "place"}, func(yield func([]any, error) bool) {
		_ = yield([]any{"new", "here"}, nil) && yield(nil, errors.New("bad row"))
	})
	if err == nil || !strings.Contains(err.Error(), "bad row") {
		t.Errorf("err = %v, want the row's", err)
	}
	if got := count(t, d, `SELECT COUNT(*) FROM sighting`); got != 2500 {
		t.Errorf("rows after a failed load = %d, want 2500", got)
	}
	if _, err := d.Load(ctx, "thing", []string{"id", "name"}, func(func([]any, error) bool) {}); err == nil {
		t.Error("loaded into a table that is not bookkeeping")
	}
}

package db_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
)

// The tests here hold the two engines to meaning the same.

var told = audit.Event{Kind: "thing.changed"}

// withLamp is a database with one thing in it, added as it should be.
func withLamp(t *testing.T) (context.Context, *db.DB) {
	t.Helper()
	d := open(t)
	ctx := t.Context()
	if err := d.Update(ctx, ann, func(w *db.W) error { return addThing(ctx, w, "t1", "lamp") }); err != nil {
		t.Fatal(err)
	}
	return ctx, d
}

func nothing(func(...any) error) error { return nil }

type nudge struct{}

func (nudge) Kind() string { return "nudge" }

// outbox takes every job.
type outbox struct{ n int }

func (o *outbox) Add(context.Context, any, db.Job) error { o.n++; return nil }

func TestAfterAFailedStatementEverythingIsRefused(t *testing.T) {
	ctx, d := withLamp(t)
	var jobs outbox
	d.SetOutbox(&jobs)
	ways := map[string]func(w *db.W) error{
		"read":    func(w *db.W) error { return w.Each(ctx, nothing, `SELECT id FROM thing`) },
		"exec":    func(w *db.W) error { _, err := w.Exec(ctx, `DELETE FROM sighting`); return err },
		"change":  func(w *db.W) error { return w.Change(ctx, `UPDATE thing SET name = 'lamp' WHERE id = 't1'`) },
		"record":  func(w *db.W) error { return w.Record(ctx, told) },
		"enqueue": func(w *db.W) error { return w.Enqueue(ctx, nudge{}) },
	}
	failures := map[string]func(w *db.W) error{
		"a clash":               func(w *db.W) error { return addThing(ctx, w, "t2", "lamp") },
		"a query of no table":   func(w *db.W) error { return w.Each(ctx, nothing, `SELECT id FROM nowhere`) },
		"a row too few":         func(w *db.W) error { return w.Change(ctx, `UPDATE thing SET name = 'x' WHERE id = 'none'`) },
		"text that is no text":  func(w *db.W) error { return addThing(ctx, w, "t2", "a\x00b") },
		"a row nobody can read": func(w *db.W) error { _, err := db.Value[time.Time](ctx, w, `SELECT name FROM thing`); return err },
	}
	for name, way := range ways {
		err := d.Update(ctx, ann, func(w *db.W) error { return errors.Join(way(w), w.Record(ctx, told)) })
		if err != nil {
			t.Fatalf("%s alone: %v", name, err)
		}
		for what, fail := range failures {
			_ = d.Update(ctx, ann, func(w *db.W) error {
				if err := fail(w); err == nil {
					t.Errorf("%s did not fail", what)
				}
				if err := way(w); err == nil {
					t.Errorf("%s ran after %s", name, what)
				}
				return fault.Conflict
			})
		}
	}
	if jobs.n != 1 {
		t.Errorf("%d jobs were asked for, want that of the honest update alone", jobs.n)
	}
}

// Also when nothing was changed before it, a failed statement leaves room for the refusal.
func TestRefuseAfterAFailedQuery(t *testing.T) {
	ctx, d := withLamp(t)
	err := d.Update(ctx, ann, func(w *db.W) error {
		_ = w.Each(ctx, nothing, `SELECT id FROM nowhere`)
		return w.Refuse(ctx, told, fault.Conflict)
	})
	if !errors.Is(err, fault.Conflict) {
		t.Fatalf("err = %v, want the fault", err)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM event WHERE kind = $1`, told.Kind); n != 1 {
		t.Errorf("refusal events = %d, want 1", n)
	}
}

func TestNothingRunsAfterARefusal(t *testing.T) {
	ctx, d := withLamp(t)
	err := d.Update(ctx, ann, func(w *db.W) error {
		says := w.Refuse(ctx, told, fault.Conflict)
		if err := addThing(ctx, w, "t2", "bell"); err == nil {
			t.Error("an update went on after its refusal")
		}
		return says
	})
	if !errors.Is(err, fault.Conflict) {
		t.Fatalf("err = %v, want the fault", err)
	}
	err = d.Update(ctx, ann, func(w *db.W) error { _ = w.Refuse(ctx, told, fault.Conflict); return nil })
	if err == nil {
		t.Error("a refusal that was not returned passed for success")
	}
	if n := count(t, d, `SELECT COUNT(*) FROM event WHERE kind = $1`, told.Kind); n != 1 {
		t.Errorf("refusal events = %d, want 1", n)
	}
}

// Two updates that change the same rows in opposite order: on PostgreSQL one of them is broken off
// (40P01, or 40001) and must run again, whatever its function makes of the error.
func TestUpdateThatLostRunsAgain(t *testing.T) {
	for name, end := range map[string]func(ctx context.Context, w *db.W, err error) error{
		"gives the error on": func(_ context.Context, _ *db.W, err error) error { return err },
		"hides the error":    func(_ context.Context, _ *db.W, _ error) error { return fault.Conflict },
		"ignores the error":  func(context.Context, *db.W, error) error { return nil },
		"refuses for it":     func(ctx context.Context, w *db.W, _ error) error { return w.Refuse(ctx, told, fault.Conflict) },
	} {
		t.Run(name, func(t *testing.T) { crossing(t, end) })
	}
}

func crossing(t *testing.T, end func(ctx context.Context, w *db.W, err error) error) {
	ctx, d := withLamp(t)
	if err := d.Update(ctx, ann, func(w *db.W) error { return addThing(ctx, w, "t2", "bell") }); err != nil {
		t.Fatal(err)
	}
	meeting := newMeeting(2)
	var runs atomic.Int32
	var both sync.WaitGroup
	for _, order := range [][]string{{"t1", "t2"}, {"t2", "t1"}} {
		both.Go(func() {
			meet := sync.OnceFunc(meeting.wait)
			err := d.Update(ctx, ann, func(w *db.W) error {
				runs.Add(1)
				for _, id := range order {
					if err := w.Change(ctx, `UPDATE thing SET name = $2 WHERE id = $1`, id, id+order[0]); err != nil {
						return end(ctx, w, err)
					}
					meet()
				}
				return w.Record(ctx, told)
			})
			if err != nil {
				t.Errorf("order %v: %v", order, err)
			}
		})
	}
	both.Wait()
	want := int32(2)
	if dbtest.Server() != "" {
		want = 3
	}
	if runs.Load() < want {
		t.Errorf("ran %d times, want at least %d", runs.Load(), want)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM event WHERE kind = $1`, told.Kind); n != 2 {
		t.Errorf("events = %d, want one of each update", n)
	}
}

// meeting lets transactions that can run at once wait for each other; on SQLite one runs after the other.
type meeting struct{ left sync.WaitGroup }

func newMeeting(n int) *meeting {
	m := &meeting{}
	if dbtest.Server() != "" {
		m.left.Add(n)
	}
	return m
}

func (m *meeting) wait() {
	if dbtest.Server() != "" {
		m.left.Done()
		m.left.Wait()
	}
}

func TestTextIsOrderedByItsBytes(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	want := []string{"", "Z", "a", "a-c", "ab", "z", "é"}
	err := d.Update(ctx, ann, func(w *db.W) error {
		for _, name := range []string{"é", "ab", "a", "Z", "z", "a-c", ""} {
			if err := addThing(ctx, w, "id "+name, name); err != nil {
				return err
			}
		}
		got, err := db.All(ctx, w, db.Column[string], `SELECT name FROM thing ORDER BY name`)
		if !slices.Equal(got, want) {
			t.Errorf("order = %q, want %q", got, want)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A PostgreSQL database that orders or keeps text otherwise is refused at the start. SQLite has no such
// choice, and each of these is an ordinary file there.
func TestDatabaseThatOrdersOtherwiseIsRefused(t *testing.T) {
	for clauses, good := range map[string]bool{
		dbtest.Plain: true,
		"TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C' ENCODING 'UTF8'":                                                    true,
		"TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' ENCODING 'UTF8' LOCALE_PROVIDER icu ICU_LOCALE 'en-GB'": false,
		"TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C' ENCODING 'SQL_ASCII'":                                               false,
	} {
		d, err := db.Open(t.Context(), db.Options{Source: dbtest.Empty(t, clauses), Migrations: tables, Clock: clocktest.At(noon)})
		if err == nil {
			err = errors.Join(d.Close())
		} else if !strings.Contains(err.Error(), "create it with") {
			t.Errorf("%s: %v, want the cure", clauses, err)
		}
		if want := good || dbtest.Server() == ""; (err == nil) != want {
			t.Errorf("%s: %v, want it taken: %v", clauses, err, want)
		}
	}
}

// With one connection the start would wait for itself without end. SQLite has no such setting.
func TestTooFewConnectionsAreRefused(t *testing.T) {
	if dbtest.Server() == "" {
		return
	}
	for few, good := range map[string]bool{"1": false, "2": true} {
		source := dbtest.Empty(t, dbtest.Plain) + "&pool_max_conns=" + few
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		d, err := db.Open(ctx, db.Options{Source: source, Migrations: tables, Clock: clocktest.At(noon)})
		cancel()
		if err == nil {
			err = d.Close()
		} else if !strings.Contains(err.Error(), "pool_max_conns=1") ||
			!strings.Contains(err.Error(), "write 2 or more") {
			t.Errorf("%s: %v, want the setting and the cure", few, err)
		}
		if (err == nil) != good {
			t.Errorf("%s: %v, want it taken: %v", few, err, good)
		}
	}
}

// PostgreSQL leaves room beside the rows that are changed again and again, also where it did so before. SQLite
// changes rows in their place.
func TestTablesThatAreRewrittenHaveRoom(t *testing.T) {
	if dbtest.Server() == "" {
		return
	}
	ctx := t.Context()
	source := dbtest.Empty(t, dbtest.Plain)
	for run := range 2 {
		d, err := db.Open(ctx, db.Options{Source: source, Migrations: tables, Clock: clocktest.At(noon)})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		err = d.View(ctx, func(r db.R) (err error) {
			got, err = db.All(ctx, r, db.Column[string], `SELECT relname FROM pg_class WHERE 'fillfactor=50' = ANY (reloptions) ORDER BY relname`)
			return err
		})
		if err = errors.Join(err, d.Close()); err != nil || !slices.Equal(got, []string{"administrator", "thing"}) {
			t.Errorf("opened %d times: %q have room, %v", run+1, got, err)
		}
	}
}

func TestEachDoorWaitsForTheDiskOrNot(t *testing.T) {
	ask := `SELECT synchronous FROM pragma_synchronous`
	update := "1"
	keep := "1" // an update waits for the disk itself
	if dbtest.Server() != "" {
		ask = `SELECT current_setting('transaction_isolation') || ' ' || current_setting('synchronous_commit')`
		update = "serializable on"
		keep = "read committed off"
	}
	d := open(t)
	ctx := t.Context()
	look := func(r db.R, door, want string) error {
		got, err := db.Value[string](ctx, r, ask)
		if got != want {
			t.Errorf("%s: %s, want %s", door, got, want)
		}
		return err
	}
	for range 2 {
		err := errors.Join(
			d.Update(ctx, ann, func(w *db.W) error { return look(w, "update", update) }),
			d.Keep(ctx, func(k *db.K) error { return look(k, "keep", keep) }),
			d.Update(ctx, ann, func(w *db.W) error { return look(w, "update", update) }),
			d.Jot(ctx, func(k *db.K) error { return look(k, "jot", keep) }))
		if err != nil {
			t.Fatal(err)
		}
	}
}

// An update that must read a whole table has a huge cost in the server's eyes, because updates are to go by indexes.
// The server must not compile such a statement each time: that takes longer than to run it.
func TestStatementsAreNotCompiled(t *testing.T) {
	if dbtest.Server() == "" {
		return // SQLite compiles none
	}
	ctx, d := withLamp(t)
	const unindexed = `EXPLAIN (ANALYZE) DELETE FROM thing WHERE seen_at = 0`
	err := d.Update(ctx, ann, func(w *db.W) error {
		plan, err := db.All(ctx, w, db.Column[string], unindexed)
		if strings.Contains(strings.Join(plan, " "), "JIT") {
			t.Errorf("the server compiled a statement: %q", plan)
		}
		return errors.Join(err, w.Record(ctx, told))
	})
	if err != nil {
		t.Fatal(err)
	}
}

type label string

func TestArgumentsMeanTheSameOnBothEngines(t *testing.T) {
	text := "x"
	for _, tt := range []struct {
		name string
		arg  any
		ok   bool
	}{
		{"text", "x", true},
		{"a text type of ours", label("x"), true},
		{"a text type of ours with NUL", label("a\x00b"), false},
		{"a text type of ours with bad UTF-8", label("a\xffb"), false},
		{"a duration", time.Minute, false},
		{"a pointer", &text, false},
		{"a list", []string{"x"}, false},
	} {
		d := open(t)
		ctx := t.Context()
		err := d.Update(ctx, ann, func(w *db.W) error {
			_, err := w.Exec(ctx, `INSERT INTO thing (id, name) VALUES ('t1', $1)`, tt.arg)
			return errors.Join(err, w.Record(ctx, told))
		})
		if (err == nil) != tt.ok {
			t.Errorf("%s: %v, want it taken: %v", tt.name, err, tt.ok)
		}
	}
}

func TestStatementsThatOnlyOneEngineWouldRun(t *testing.T) {
	ctx, d := withLamp(t)
	err := d.View(ctx, func(r db.R) error {
		again := func(func(...any) error) error { return r.Each(ctx, nothing, `SELECT id FROM thing`) }
		return r.Each(ctx, again, `SELECT id FROM thing`)
	})
	if err == nil {
		t.Error("a query ran inside the rows of another")
	}
	err = d.Keep(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, `DELETE FROM sighting; DELETE FROM thing`)
		return err
	})
	if err == nil {
		t.Error("keep ran two statements in one")
	}
	if n := count(t, d, `SELECT COUNT(*) FROM thing`); n != 1 {
		t.Errorf("things = %d, want 1", n)
	}
}

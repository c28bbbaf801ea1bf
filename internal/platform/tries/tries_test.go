package tries_test

import (
	"errors"
	"fmt"
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
	"signpost/internal/platform/tries"
)

var (
	noon     = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)
	limit    = tries.Limit{WrongTry: "key.wrong", Max: 3, First: 5 * time.Minute, Longest: time.Hour}
	errWrong = fault.Say(fault.Forbidden, "Wrong")
)

type world struct {
	*testing.T

	d     *db.DB
	clock *clocktest.Manual
}

func newWorld(t *testing.T) *world {
	t.Helper()
	c := clocktest.At(noon)
	return &world{T: t, clock: c, d: dbtest.Open(t, fstest.MapFS{}, c)}
}

func at(id string) tries.At { return tries.At{Subject: audit.Ref{Kind: "key", ID: id}} }

func (w *world) wrong(at tries.At) {
	w.Helper()
	err := w.d.Update(w.Context(), actor.ForCommand("test"), func(u *db.W) error {
		return limit.Refuse(w.Context(), u, at, "", errWrong)
	})
	if !errors.Is(err, errWrong) {
		w.Fatalf("a wrong try: %v", err)
	}
}

// lock makes wrong tries until the subject is locked, and gives for how long it is.
func (w *world) lock(at tries.At) time.Duration {
	w.Helper()
	for range limit.Max - 1 {
		w.wrong(at)
		if w.locked(at) {
			w.Fatal("locked too early")
		}
	}
	w.wrong(at)
	return w.count(at).Until.Sub(w.clock.Now())
}

func (w *world) count(at tries.At) tries.Count {
	w.Helper()
	c, err := db.Read(w.Context(), w.d, func(r db.R) (tries.Count, error) { return limit.Of(w.Context(), r, at) })
	if err != nil {
		w.Fatal(err)
	}
	return c
}

func (w *world) locked(at tries.At) bool { return w.count(at).Locked(w.clock.Now()) }

func (w *world) rows() (n int64) {
	w.Helper()
	n, err := db.Read(w.Context(), w.d, func(r db.R) (int64, error) {
		return db.Value[int64](w.Context(), r, `SELECT COUNT(*) FROM wrong_try`)
	})
	if err != nil {
		w.Fatal(err)
	}
	return n
}

// Each lock lasts twice as long as the one before, to an hour, and ends by time; after a day of peace it begins anew.
func TestLocksEndAndGrow(t *testing.T) {
	w := newWorld(t)
	key := at("a")
	for _, minutes := range []time.Duration{5, 10, 20, 40, 60, 60} {
		if d := w.lock(key); d != minutes*time.Minute {
			t.Errorf("a lock of %s, want %d minutes", d, minutes)
		}
		w.clock.Advance(minutes*time.Minute - time.Millisecond)
		if !w.locked(key) {
			t.Error("the lock ended too early")
		}
		w.clock.Advance(time.Millisecond)
		if w.locked(key) {
			t.Error("the lock did not end")
		}
	}
	w.clock.Advance(24 * time.Hour)
	if d := w.lock(key); d != 5*time.Minute {
		t.Errorf("after a day of peace: a lock of %s", d)
	}
}

// Tries on one browser lock that browser alone; what ends all locks of a subject leaves those of others.
func TestTriesAreCountedApart(t *testing.T) {
	w := newWorld(t)
	here := at("a")
	here.Browser = "here"
	w.lock(at("a"))
	w.lock(at("b"))
	if w.locked(here) {
		t.Error("strangers locked a known browser")
	}
	w.lock(here)
	err := w.d.Update(t.Context(), actor.ForCommand("test"), func(u *db.W) error {
		if err := limit.ForgetAll(t.Context(), u, here.Subject); err != nil {
			return err
		}
		return u.Record(t.Context(), audit.Event{Kind: "key.unlocked"})
	})
	if err != nil || w.locked(here) || w.locked(at("a")) || !w.locked(at("b")) {
		t.Errorf("unlocked: %v; here %v, elsewhere %v, another %v", err,
			w.locked(here), w.locked(at("a")), w.locked(at("b")))
	}
}

// A thousand tries while something is locked leave the event of the first and, when the lock is over, one that says how
// many more there were; tries at nobody leave none.
func TestTriesWhileLockedAreCounted(t *testing.T) {
	w := newWorld(t)
	ws := job.NewWorkers()
	tries.Work(ws, w.d)
	jobs := jobtest.Start(t, w.d, ws)
	nobody := at("nobody")
	nobody.Nobody = true
	until := noon.Add(limit.First)
	for range 1000 {
		w.whileLocked(at("a"), until)
		w.whileLocked(nobody, until)
		w.clock.Advance(time.Millisecond)
	}
	w.whileLocked(at("b"), until)
	tell := func() {
		w.enqueue(tries.TellJob{})
		jobtest.Settle(t, jobs)
	}
	tell()
	if list := w.lockedEvents(); len(list) != 2 || tries.MoreIn(list[0]) != (tries.More{}) {
		t.Errorf("%d events while it is locked, want 2", len(list))
	}
	w.clock.Advance(limit.First)
	tell()
	tell()
	list := w.lockedEvents()
	if len(list) != 3 {
		t.Fatalf("%d events of 1,001 tries at what is somebody's, want 3", len(list))
	}
	more := tries.MoreIn(list[0])
	if list[0].Subject.ID != "a" || !list[0].Refused || list[0].Reason != "guess" || more.Tries != 999 ||
		!more.First.Equal(noon) || !more.Last.Equal(noon.Add(999*time.Millisecond)) {
		t.Errorf("the last event: %+v with %+v", list[0], more)
	}
	w.clock.Advance(time.Hour)
	w.whileLocked(at("a"), w.clock.Now().Add(limit.First))
	if n := len(w.lockedEvents()); n != 4 {
		t.Errorf("%d events, want another one at the next lock", n)
	}
}

// What is refused to strangers leaves an event each until there are too many, then a count of which one event tells;
// those of a browser that is known count apart.
func TestFewEventsOfStrangers(t *testing.T) {
	w := newWorld(t)
	ws := job.NewWorkers()
	tries.Work(ws, w.d)
	jobs := jobtest.Start(t, w.d, ws)
	here := at("a")
	there := tries.At{Subject: here.Subject, Browser: "known"}
	for n := range int(limit.Max) + 1000 {
		if own := w.record(here); own != (n <= int(limit.Max)) {
			t.Errorf("refusal %d has an event of its own: %v", n+1, own)
		}
	}
	if !w.record(there) {
		t.Error("that of a known browser has none")
	}
	w.clock.Advance(limit.First)
	w.enqueue(tries.TellJob{})
	jobtest.Settle(t, jobs)
	list := w.lockedEvents()
	if len(list) != int(limit.Max)+3 || tries.MoreIn(list[0]).Tries != 999 {
		t.Errorf("%d events, the last with %+v", len(list), tries.MoreIn(list[0]))
	}
	if !w.record(here) {
		t.Error("none once the lock is over")
	}
}

func (w *world) record(at tries.At) (own bool) {
	w.Helper()
	own, err := db.Write(w.Context(), w.d, actor.ForCommand("test"), func(u *db.W) (bool, error) {
		return limit.Record(w.Context(), u, at, audit.Event{Kind: "key.locked", Subject: at.Subject, Reason: "guess"})
	})
	if err != nil {
		w.Fatal(err)
	}
	return own
}

func (w *world) whileLocked(at tries.At, until time.Time) {
	w.Helper()
	err := w.d.Update(w.Context(), actor.ForCommand("test"), func(u *db.W) error {
		e := audit.Event{Kind: "key.locked", Subject: at.Subject, Reason: "guess"}
		return tries.RefuseLocked(w.Context(), u, at, e, until, errWrong)
	})
	if !errors.Is(err, errWrong) {
		w.Fatalf("a try while locked: %v", err)
	}
}

// lockedEvents are the events of tries while locked, the latest first.
func (w *world) lockedEvents() []audit.Entry {
	w.Helper()
	list, err := db.Read(w.Context(), w.d, func(r db.R) ([]audit.Entry, error) {
		return audit.OfAll(w.Context(), r, "key", []string{"a", "b", "nobody"}, 2000, "key.locked")
	})
	if err != nil {
		w.Fatal(err)
	}
	return list
}

// enqueue asks for a job.
func (w *world) enqueue(j db.Job) {
	w.Helper()
	add := func(u *db.W) error { return u.Enqueue(w.Context(), j) }
	if err := w.d.Update(w.Context(), actor.ForCommand("test"), add); err != nil {
		w.Fatal(err)
	}
}

// What is over is swept, and of very many subjects the oldest are forgotten.
func TestTriesAreBounded(t *testing.T) {
	w := newWorld(t)
	ws := job.NewWorkers()
	tries.Work(ws, w.d)
	jobs := jobtest.Start(t, w.d, ws)
	sweep := func(j db.Job) {
		w.enqueue(j)
		jobtest.Settle(t, jobs)
	}
	w.wrong(at("old"))
	w.clock.Advance(24*time.Hour - time.Minute)
	w.wrong(at("new"))
	w.clock.Advance(time.Minute)
	sweep(tries.SweepJob{})
	if w.rows() != 1 || w.count(at("new")).N != 1 {
		t.Errorf("after the sweep: %d rows", w.rows())
	}
	for n := range 5 {
		w.clock.Advance(time.Second)
		w.wrong(at(fmt.Sprint(n)))
	}
	if err := tries.Trim(t.Context(), w.d, 3); err != nil || w.rows() != 3 || w.count(at("4")).N != 1 {
		t.Errorf("trimmed: %v, %d rows, the last has %d", err, w.rows(), w.count(at("4")).N)
	}
	sweep(tries.TrimJob{})
	if w.rows() != 3 {
		t.Errorf("trimmed below the limit: %d rows", w.rows())
	}
}

// Many tries are forgotten a few at a time, so that whoever guesses now waits for none of them.
func TestManyTriesAreForgottenAFewAtATime(t *testing.T) {
	w := newWorld(t)
	columns := []string{"kind", "subject", "browser", "n", "locks", "ends_at"}
	_, err := w.d.Load(t.Context(), "wrong_try", columns, func(yield func([]any, error) bool) {
		for n := range 2500 {
			if !yield([]any{"guess", fmt.Sprint(n), "", 1, 0, noon.Add(time.Duration(n) * time.Second)}, nil) {
				return
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	mend := dbtest.Break(t, w.d, dbtest.FailingAt(3))
	if err := tries.Trim(t.Context(), w.d, 3); err == nil {
		t.Error("the third statement failed unnoticed")
	}
	mend()
	if n := w.rows(); n != 2500-db.SweptAtOnce {
		t.Errorf("%d tries are left after the first statement that forgets some", n)
	}
	if err := tries.Trim(t.Context(), w.d, 3); err != nil || w.rows() != 3 {
		t.Errorf("%v, %d tries are left, want 3", err, w.rows())
	}
}

package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/db/trouble"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/saved"
)

var errWrong = fault.Say(fault.Unauthenticated, "That is wrong.")

// Whatever a function makes of an engine that does not answer, at any door it is told as that, and nothing is refused.
func TestTroubleIsNoRefusal(t *testing.T) {
	ctx, d := withLamp(t)
	look := func(r db.R) error {
		if _, err := db.Value[string](ctx, r, `SELECT name FROM thing`); err != nil {
			return errWrong
		}
		return nil
	}
	refusing := func(w *db.W) error {
		if look(w) != nil {
			return w.Refuse(ctx, audit.Event{Kind: "thing.refused"}, errWrong)
		}
		return w.Record(ctx, told)
	}
	for name, door := range map[string]func() error{
		"View":   func() error { return d.View(ctx, look) },
		"Glance": func() error { return d.Glance(ctx, look) },
		"Update": func() error {
			return d.Update(ctx, ann, func(w *db.W) error { return errors.Join(look(w), w.Record(ctx, told)) })
		},
		"Refuse": func() error { return d.Update(ctx, ann, refusing) },
		"Keep":   func() error { return d.Keep(ctx, func(k *db.K) error { return look(k) }) },
		"Jot":    func() error { return d.Jot(ctx, func(k *db.K) error { return look(k) }) },
	} {
		if err := door(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for statement := range int64(2) {
			mend := dbtest.Break(t, d, dbtest.FailingAt(statement))
			err := door()
			mend()
			if f, known := fault.From(err); !known || f.Code != fault.Unavailable || errors.Is(err, errWrong) {
				t.Errorf("%s, statement %d: %v", name, statement, err)
			}
		}
	}
	if n := count(t, d, `SELECT COUNT(*) FROM event WHERE refused`); n != 0 {
		t.Errorf("%d refusals", n)
	}
}

// A closed pool is in trouble; a statement that is wrong is not, nor is what a reader makes of a row.
func TestWhatIsTrouble(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	odd := errors.New("odd row")
	for name, query := range map[string]func(r db.R) error{
		"a wrong statement": func(r db.R) error {
			_, err := db.Value[int64](ctx, r, `SELECT no_such_column FROM thing`)
			return err
		},
		"an odd row": func(r db.R) error {
			return r.Each(ctx, func(db.Scanner) error { return odd }, `SELECT COUNT(*) FROM thing`)
		},
		"odd rows together": func(r db.R) error {
			bad := db.Ask(func(db.Scanner) (int64, error) { return 0, odd }, `SELECT COUNT(*) FROM thing`)
			return db.Together(ctx, r, bad, db.Ask(db.Column[int64], `SELECT COUNT(*) FROM event`))
		},
	} {
		if err := d.View(ctx, query); err == nil || errors.Is(err, fault.Unavailable) {
			t.Errorf("%s: %v", name, err)
		}
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	look := func(r db.R) error { _, err := db.Value[int64](gone, r, `SELECT COUNT(*) FROM thing`); return err }
	if err := d.View(gone, look); !errors.Is(err, context.Canceled) || errors.Is(err, fault.Unavailable) {
		t.Errorf("nobody waits for it any more: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.View(ctx, look); !errors.Is(err, fault.Unavailable) {
		t.Errorf("closed: %v", err)
	}
}

// Before a commit was sent, nothing was changed; afterwards nobody can tell, and says so. A refusal and bookkeeping
// save nothing that anybody entered.
func TestAnOutcomeThatIsNotKnown(t *testing.T) {
	ctx, d := withLamp(t)
	update := func() error {
		return d.Update(ctx, ann, func(w *db.W) error {
			return errors.Join(w.Soon(ctx, `UPDATE thing SET name = 'bell'`), w.Record(ctx, told))
		})
	}
	refuse := func() error {
		return d.Update(ctx, ann, func(w *db.W) error {
			return w.Refuse(ctx, audit.Event{Kind: "thing.refused"}, errWrong)
		})
	}
	keep := func() error { return d.Keep(ctx, func(k *db.K) error { return addSightings(ctx, k, "s1") }) }
	for _, tt := range []struct {
		name    string
		moment  db.Moment
		do      func() error
		want    fault.Code
		renamed int64
	}{
		{"an update, before its commit", db.Committing, update, fault.Unavailable, 0},
		{"a refusal, after its commit", db.Committed, refuse, fault.Unavailable, 0},
		{"bookkeeping, after its commit", db.Committed, keep, fault.Unavailable, 0},
		{"an update, after its commit", db.Committed, update, fault.Unknown, 1},
	} {
		watched := saved.Watch(ctx)
		mend := dbtest.Break(t, d, dbtest.At(tt.moment))
		err := tt.do()
		mend()
		f, _ := fault.From(err)
		if f == nil || f.Code != tt.want || saved.Anything(watched) {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
		if n := count(t, d, `SELECT COUNT(*) FROM thing WHERE name = 'bell'`); n != tt.renamed {
			t.Errorf("%s: %d renamed, want %d", tt.name, n, tt.renamed)
		}
	}
}

// Whoever answers a request knows whether anything of it was saved: an Update, and no refusal, look or bookkeeping.
func TestSomethingWasSaved(t *testing.T) {
	ctx, d := withLamp(t)
	for name, tt := range map[string]struct {
		do   func(ctx context.Context) error
		want bool
	}{
		"an update": {func(ctx context.Context) error {
			return d.Update(ctx, ann, func(w *db.W) error { return w.Record(ctx, told) })
		}, true},
		"a refusal": {func(ctx context.Context) error {
			return d.Update(ctx, ann, func(w *db.W) error {
				return w.Refuse(ctx, audit.Event{Kind: "thing.refused"}, errWrong)
			})
		}, false},
		"bookkeeping": {func(ctx context.Context) error {
			return d.Keep(ctx, func(k *db.K) error { return addSightings(ctx, k, "s1") })
		}, false},
	} {
		watched := saved.Watch(ctx)
		if err := tt.do(watched); err != nil && !errors.Is(err, errWrong) {
			t.Fatal(err)
		}
		if got := saved.Anything(watched); got != tt.want {
			t.Errorf("%s: saved is %v", name, got)
		}
	}
}

// Whoever finds others in the way of each try is told so, and not that nothing answers: the same goes through later.
func TestOthersAreAlwaysInTheWay(t *testing.T) {
	d := open(t)
	doors := map[string]func(ctx context.Context, run func() error) error{
		"Update": func(ctx context.Context, run func() error) error {
			return d.Update(ctx, ann, func(*db.W) error { return run() })
		},
		"Keep": func(ctx context.Context, run func() error) error {
			return d.Keep(ctx, func(*db.K) error { return run() })
		},
	}
	for door, through := range doors {
		runs := 0
		errs := map[string]error{
			"each time": through(t.Context(), func() error { runs++; return trouble.ErrInTheWay }),
		}
		short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		errs["until its time is over"] = through(short, func() error { <-short.Done(); return trouble.ErrInTheWay })
		cancel()
		for name, err := range errs {
			f, known := fault.From(err)
			if !known || f.Code != fault.Busy || !errors.Is(err, trouble.ErrInTheWay) || runs < 2 {
				t.Errorf("%s, %s: after %d runs %v", door, name, runs, err)
			}
		}
	}
	gone, leave := context.WithCancel(t.Context())
	err := d.Update(gone, ann, func(*db.W) error { leave(); return trouble.ErrInTheWay })
	if !errors.Is(err, context.Canceled) || errors.Is(err, fault.Busy) {
		t.Errorf("somebody who has gone: %v", err)
	}
}

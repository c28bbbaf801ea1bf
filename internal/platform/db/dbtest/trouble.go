package dbtest

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"signpost/internal/platform/db"
)

// Trouble says what goes wrong with a database at a moment, about a statement or about none; nil is nothing.
type Trouble func(at db.Moment, sql string) error

// ErrBroken comes from a broken engine.
var ErrBroken = errors.New("the engine is broken")

// Down is an engine that does not answer.
func Down(db.Moment, string) error { return ErrBroken }

// FailingAt is an engine that fails with the statement of the given number, from 1, and answers all others; of 0 it is
// Down.
func FailingAt(number int64) Trouble {
	if number == 0 {
		return Down
	}
	var stated atomic.Int64
	return func(at db.Moment, _ string) error {
		if at == db.Stating && stated.Add(1) == number {
			return ErrBroken
		}
		return nil
	}
}

// At is an engine that breaks at a moment.
func At(moment db.Moment) Trouble {
	return func(at db.Moment, _ string) error {
		if at == moment {
			return ErrBroken
		}
		return nil
	}
}

// cause is Trouble that knows who asks.
type cause func(ctx context.Context, at db.Moment, sql string) error

// troubles has for each open database what is wrong with it.
var troubles sync.Map

// disturbable makes a database one that Break can break.
func disturbable(d *db.DB) {
	none := cause(func(context.Context, db.Moment, string) error { return nil })
	var now atomic.Pointer[cause]
	now.Store(&none)
	troubles.Store(d, &now)
	d.Disturb(func(ctx context.Context, at db.Moment, sql string) error { return (*now.Load())(ctx, at, sql) })
}

// Break gives a test's database trouble, until the function that it returns is called, which reports whether anybody
// met it.
func Break(t testing.TB, d *db.DB, trouble Trouble) (mend func() (met bool)) {
	t.Helper()
	return breakFor(t, d, func(_ context.Context, at db.Moment, sql string) error { return trouble(at, sql) })
}

func breakFor(t testing.TB, d *db.DB, trouble cause) (mend func() (met bool)) {
	t.Helper()
	found, known := troubles.Load(d)
	if !known {
		t.Fatal("only a database that this package opened can be broken")
	}
	now, _ := found.(*atomic.Pointer[cause])
	var met atomic.Bool
	noting := cause(func(ctx context.Context, at db.Moment, sql string) error {
		err := trouble(ctx, at, sql)
		if err != nil {
			met.Store(true)
		}
		return err
	})
	before := now.Swap(&noting)
	return func() bool {
		now.Store(before)
		return met.Load()
	}
}

type askerKey struct{}

// Breaking gives what breaks a database at a statement, for webtest.Walk. Only those who ask with the context that it
// gives meet the trouble, and count: jobs that run meanwhile do not.
func Breaking(
	t testing.TB, d *db.DB,
) func(ctx context.Context, statement int64) (asker context.Context, mend func() (met bool)) {
	return func(ctx context.Context, statement int64) (context.Context, func() bool) {
		trouble := FailingAt(statement)
		mend := breakFor(t, d, func(ctx context.Context, at db.Moment, sql string) error {
			if ctx.Value(askerKey{}) == nil {
				return nil
			}
			return trouble(at, sql)
		})
		return context.WithValue(ctx, askerKey{}, true), mend
	}
}

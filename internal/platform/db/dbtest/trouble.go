package dbtest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"signpost/internal/platform/db"
)

// Trouble says what goes wrong with a database at a moment, about a statement or about none; nil is nothing.
type Trouble func(at db.Moment, sql string) error

// ErrBroken is what a broken engine says.
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

// troubles has for each open database what is wrong with it.
var troubles sync.Map

// disturbable makes a database one that Break can break.
func disturbable(d *db.DB) {
	none := Trouble(func(db.Moment, string) error { return nil })
	var now atomic.Pointer[Trouble]
	now.Store(&none)
	troubles.Store(d, &now)
	d.Disturb(func(at db.Moment, sql string) error { return (*now.Load())(at, sql) })
}

// Break gives a test's database trouble, until the function that it returns is called, which reports whether anybody
// met it.
func Break(t testing.TB, d *db.DB, trouble Trouble) (mend func() (met bool)) {
	t.Helper()
	found, known := troubles.Load(d)
	if !known {
		t.Fatal("only a database that this package opened can be broken")
	}
	now, _ := found.(*atomic.Pointer[Trouble])
	var met atomic.Bool
	noting := Trouble(func(at db.Moment, sql string) error {
		err := trouble(at, sql)
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

// Breaking gives what breaks a database at a statement, for webtest.Walk.
func Breaking(t testing.TB, d *db.DB) func(statement int64) (mend func() (met bool)) {
	return func(statement int64) func() bool { return Break(t, d, FailingAt(statement)) }
}

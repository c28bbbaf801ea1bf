package db

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/platform/db/trouble"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/line"
)

// R can read, and cannot change anything (when it came from View).
type R interface {
	// Each runs a query and calls row for each row it gives, with a scan for that row's columns.
	// All and One are easier to use.
	Each(ctx context.Context, row func(scan func(dest ...any) error) error, sql string, args ...any) error
	// Now is the transaction's one reading of the clock.
	Now() time.Time
	// together is Together.
	together(ctx context.Context, queries []Query) error
}

// Scanner reads the columns of one row.
type Scanner = func(dest ...any) error

// reading is a transaction as a reader sees it.
type reading struct {
	t      tx
	now    time.Time
	err    error // the first statement that failed; nothing runs after it
	within bool  // a query is giving its rows
	single bool  // there may be one statement only
	ran    bool  // there was one

	observe func(sql string) // is told of each statement; nil but in tests
}

// Now is the transaction's one reading of the clock.
func (r *reading) Now() time.Time { return r.now }

// Each runs a query and calls row for each row it gives.
func (r *reading) Each(ctx context.Context, row func(scan func(dest ...any) error) error,
	sql string, args ...any) error {
	plain, err := r.ready(sql, args)
	if err != nil {
		return err
	}
	r.within = true
	err = r.t.each(ctx, row, sql, plain)
	r.within = false
	if err != nil {
		return r.failed(err)
	}
	return nil
}

// glance is a reading by itself. No transaction keeps it from changing anything, so it is looked at.
type glance struct{ reading }

// Each runs the query.
func (g *glance) Each(ctx context.Context, row func(scan func(dest ...any) error) error,
	sql string, args ...any) error {
	if !reads(sql) {
		return g.failed(errors.New("a Glance of something that does not begin with SELECT"))
	}
	return g.reading.Each(ctx, row, sql, args...)
}

// ready refuses what one of the engines would not take, so that both behave alike: anything after a
// statement that failed, a statement while another gives its rows, several statements in one, and
// arguments of kinds that they keep differently; and a second statement where there may be one.
func (r *reading) ready(sql string, args []any) ([]any, error) {
	switch {
	case r.err != nil:
		return nil, fmt.Errorf("after a failed statement: %w", r.err)
	case r.within:
		return nil, r.failed(errors.New("a statement inside the rows of another: read them first"))
	case strings.Contains(sql, ";"):
		return nil, r.failed(errors.New("several statements in one"))
	case r.single && r.ran:
		return nil, r.failed(errors.New("a second statement in a Jot: use Keep"))
	}
	r.ran = true
	if r.observe != nil {
		r.observe(sql)
	}
	plain, err := plainArgs(args)
	if err != nil {
		return nil, r.failed(err)
	}
	return plain, nil
}

// closing gives what came of the reading, given what its function returned.
func (r *reading) closing(outcome error) error {
	if trouble.Undecided(r.err) {
		return r.err // whatever the function made of it
	}
	return outcome
}

func (r *reading) failed(err error) error {
	if r.err == nil {
		r.err = err
	}
	return err
}

// All runs a query and gives every row as scan reads it.
func All[T any](ctx context.Context, r R, scan func(Scanner) (T, error), sql string, args ...any) ([]T, error) {
	var list []T
	err := r.Each(ctx, func(columns func(...any) error) error {
		one, err := scan(columns)
		list = append(list, one)
		return err
	}, sql, args...)
	if err != nil {
		return nil, err
	}
	return list, nil
}

// One runs a query and gives its first row as scan reads it, or fault.NotFound.
func One[T any](ctx context.Context, r R, scan func(Scanner) (T, error), sql string, args ...any) (T, error) {
	var none T
	list, err := All(ctx, r, scan, sql, args...)
	if err != nil {
		return none, err
	}
	if len(list) == 0 {
		return none, fault.NotFound
	}
	return list[0], nil
}

// Value runs a query and gives the first column of its first row, or fault.NotFound.
func Value[T any](ctx context.Context, r R, sql string, args ...any) (T, error) {
	return One(ctx, r, Column[T], sql, args...)
}

// Column reads a row of one column; for All and One.
func Column[T any](scan Scanner) (T, error) {
	var v T
	err := scan(&v)
	return v, err
}

// maxCostly is how many costly reads run at a time. It is smaller than the number of connections, so that the short
// reads of everybody else always find one.
const maxCostly = 2

// maxCostlyWait is how long a costly read waits for its turn.
const maxCostlyWait = 5 * time.Second

// costlyPatience is how long a costly read may take.
const costlyPatience = 15 * time.Second

var errCostlyBusy = fault.Keyed("searches", fault.SayCure(fault.Busy,
	"Too many people are searching at the moment.", "Wait a minute, then try again."))

// Costly is a View for what may read many rows: searches, lists, reports and extracts. A few of them run at a time and
// the others wait, so that they never keep all connections from those who read little. It ends early when its context
// does, also within a statement, as when a browser goes away.
func (d *DB) Costly(ctx context.Context, fn func(r R) error) error {
	leave, err := d.enterCostly(ctx)
	if err != nil {
		return err
	}
	defer leave()
	return d.view(Patient(ctx, costlyPatience), costly, fn)
}

// enterCostly waits for a turn, which ends with leave.
func (d *DB) enterCostly(ctx context.Context) (leave func(), err error) {
	line.Uncount(ctx)
	wait := time.NewTimer(d.costlyWait)
	defer wait.Stop()
	select {
	case d.costly <- struct{}{}:
		return func() { <-d.costly }, nil
	case <-ctx.Done():
		return nil, fmt.Errorf("wait for a costly view: %w", ctx.Err())
	case <-wait.C:
		return nil, errCostlyBusy
	}
}

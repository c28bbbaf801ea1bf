package db

import (
	"context"
	"fmt"

	"signpost/internal/platform/db/trouble"
)

// K is a Keep in progress: it reads, and changes bookkeeping tables.
type K struct {
	reading
	db *DB
}

// Exec runs a statement that changes rows of a bookkeeping table and says how many.
func (k *K) Exec(ctx context.Context, sql string, args ...any) (int64, error) {
	if err := k.allowed(sql); err != nil {
		return 0, k.failed(err)
	}
	plain, err := k.ready(sql, args)
	if err != nil {
		return 0, err
	}
	n, err := k.t.exec(ctx, sql, plain)
	if err != nil {
		return 0, k.failed(err)
	}
	return n, nil
}

// Each runs a query, or a statement on a bookkeeping table that gives back what it changed.
func (k *K) Each(ctx context.Context, row func(Scanner) error, sql string, args ...any) error {
	if !reads(sql) {
		if err := k.allowed(sql); err != nil {
			return k.failed(err)
		}
	}
	return k.reading.Each(ctx, row, sql, args...)
}

// closing says whether the transaction may commit, given what its function returned.
func (k *K) closing(outcome error) error {
	switch {
	case trouble.Undecided(k.err):
		return k.err // whatever the function made of it
	case outcome != nil:
		return outcome
	case k.err != nil:
		return fmt.Errorf("a failed statement was ignored: %w", k.err)
	}
	return nil
}

func (k *K) allowed(sql string) error {
	if table := changedTable(sql); !k.db.bookkeeping[table] {
		return fmt.Errorf("keep changes table %q, which no migration marks as bookkeeping", table)
	}
	return nil
}

// X can change bookkeeping tables: an Update can, and so can a Keep.
type X interface {
	R
	Exec(ctx context.Context, sql string, args ...any) (int64, error)
}

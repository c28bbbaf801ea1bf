package db

import (
	"context"
	"fmt"
	"time"
)

// Sweep says which rows of a table are over and may be deleted without an event of their own. What stands in it
// becomes part of statements, so it is ours.
type Sweep struct {
	Table string        // marked by a migration as bookkeeping or as swept
	Key   string        // the columns of its primary key
	Over  string        // the column that says when a row is over, which has an index
	Keep  time.Duration // how long a row is kept after that

	// Anew is an expression that says when a row is over now, where it may have been used since Over was written.
	// A row that is not over yet gets it in Over, and is not looked at again before then. The index then has the
	// key, too.
	Anew string
}

// SweptAtOnce is how many rows are deleted at most before others may write.
const SweptAtOnce = 1000

// Sweep deletes rows that are over, those that have been longest first, as one short transaction, and says how many,
// and whether there may be more. As nobody is served by such a row any more, it waits for no disk and needs no
// event; whoever sweeps records one at the end.
func (d *DB) Sweep(ctx context.Context, s Sweep) (deleted int64, more bool, err error) {
	if !d.bookkeeping[s.Table] && !d.swept[s.Table] {
		return 0, false, fmt.Errorf("sweep %s: no migration marks it as swept", s.Table)
	}
	done, err := Keep(ctx, d, func(k *K) (swept, error) { return k.sweep(ctx, s, k.Now().Add(-s.Keep)) })
	if err != nil {
		return 0, false, fmt.Errorf("sweep %s: %w", s.Table, err)
	}
	return done.deleted, done.deleted+done.postponed >= SweptAtOnce, nil
}

// swept counts what became of rows that were over.
type swept struct {
	deleted   int64
	postponed int64 // they had been used meanwhile
}

func (k *K) sweep(ctx context.Context, s Sweep, before time.Time) (done swept, err error) {
	plain, err := plainArgs([]any{before, SweptAtOnce})
	if err != nil {
		return done, err
	}
	if s.Anew != "" {
		if done.postponed, err = k.t.exec(ctx, s.postpone(), plain); err != nil {
			return done, k.failed(err)
		}
	}
	if done.deleted, err = k.t.exec(ctx, s.delete(), plain); err != nil {
		return done, k.failed(err)
	}
	return done, nil
}

// oldest chooses the rows that have been over for longest by their column. Where it is asked twice, it chooses the
// same.
func (s Sweep) oldest() string {
	order := s.Over
	if s.Anew != "" {
		order += ", " + s.Key
	}
	return fmt.Sprintf(` WHERE (%[1]s) IN (SELECT %[1]s FROM %[2]s WHERE %[3]s <= $1 ORDER BY %[4]s LIMIT $2)`,
		s.Key, s.Table, s.Over, order)
}

func (s Sweep) postpone() string {
	return fmt.Sprintf(`UPDATE %s SET %s = %s`, s.Table, s.Over, s.Anew) + s.oldest() + ` AND ` + s.Anew + ` > $1`
}

func (s Sweep) delete() string {
	if s.Anew == "" {
		return `DELETE FROM ` + s.Table + s.oldest()
	}
	return `DELETE FROM ` + s.Table + s.oldest() + ` AND ` + s.Anew + ` <= $1`
}

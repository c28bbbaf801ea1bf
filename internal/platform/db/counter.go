package db

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/audit"
)

// Count is how often something was refused for a subject since its counter was last cleared.
type Count struct {
	N           int64
	First, Last time.Time
}

const addToCounter = `INSERT INTO counter (kind, subject, n, first_at, last_at) VALUES ($1, $2, 1, $3, $3)
	ON CONFLICT (kind, subject) DO UPDATE SET n = counter.n + 1, last_at = $3`

// CountRefusal adds one to the counter of the event's kind and subject, as Refuse does.
func (w *W) CountRefusal(ctx context.Context, e audit.Event) error {
	return w.Soon(ctx, addToCounter, e.Kind, e.Subject.ID, w.now)
}

const selectCounter = `SELECT n, first_at, last_at FROM counter WHERE kind = $1 AND subject = $2`

// Counted reads how often events of the kind were refused for the subject.
func Counted(ctx context.Context, r R, kind audit.Kind, subject string) (Count, error) {
	list, err := All(ctx, r, func(scan Scanner) (c Count, err error) {
		err = scan(&c.N, At(&c.First), At(&c.Last))
		return c, err
	}, selectCounter, kind, subject)
	if err != nil {
		return Count{}, fmt.Errorf("read counter %s: %w", kind, err)
	}
	if len(list) == 0 {
		return Count{}, nil
	}
	return list[0], nil
}

// readiness is the kind of the counter that Ready writes.
const readiness audit.Kind = "database.ready"

// Ready makes sure that the database answers, and takes what is written, to the disk.
func (d *DB) Ready(ctx context.Context) error {
	err := d.Jot(ctx, func(k *K) error {
		_, err := k.Exec(ctx, addToCounter, readiness, "", k.Now())
		return err
	})
	if err != nil {
		return fmt.Errorf("write to the database: %w", err)
	}
	return d.engine.reached()
}

// Package once remembers things that may be used once, such as a token that proves who calls, until they end
// of themselves. It keeps a digest of each and does not know what the thing is worth.
package once

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/random"
)

// Thing may be used once. Its kind tells it from things of another sort, or of another maker, that have the
// same id. It is forgotten at its end, so it must be worth nothing from then on.
type Thing struct {
	Kind string
	ID   string
	Ends time.Time
}

// ErrUsed says that a thing was used before.
var ErrUsed = errors.New("used before")

const insertThing = `INSERT INTO once (kind, digest, ends_at) VALUES ($1, $2, $3) ON CONFLICT (kind, digest) DO NOTHING`

func (t Thing) row() []any {
	return []any{t.Kind, random.Digest(t.ID), t.Ends}
}

// Use uses a thing up as a part of a Keep or an Update, or gives ErrUsed. Of any number that try, one succeeds.
// What undoes the transaction undoes the use.
func (t Thing) Use(ctx context.Context, x db.X) error {
	n, err := x.Exec(ctx, insertThing, t.row()...)
	if err != nil {
		return fmt.Errorf("use %s: %w", t.Kind, err)
	}
	if n != 1 {
		return ErrUsed
	}
	return nil
}

// UseSoon uses a thing up together with what else an Update does. If it was used before, the Update ends in
// fault.Conflict.
func (t Thing) UseSoon(ctx context.Context, w *db.W) error {
	if err := w.ChangeSoon(ctx, insertThing, t.row()...); err != nil {
		return fmt.Errorf("use %s: %w", t.Kind, err)
	}
	return nil
}

// SweepJob is the periodic job that forgets things that have ended.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "once.sweep" }

// Work registers the sweep of a database.
func Work(ws *job.Workers, d *db.DB) {
	ended := db.Sweep{Table: "once", Key: "kind, digest", Over: "ends_at"}
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: d, Tables: []db.Sweep{ended}})
}

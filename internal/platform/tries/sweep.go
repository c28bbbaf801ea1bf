package tries

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// SweepJob is the periodic job that forgets the tries whose time is over.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "tries.sweep" }

// TrimJob is the periodic job that forgets the oldest tries where there are too many.
type TrimJob struct{}

// Kind names the job.
func (TrimJob) Kind() string { return "tries.trim" }

const (
	// maxSubjects is how many subjects' tries are kept, those of subjects that exist and of nobody alike: which of them
	// are forgotten must not tell what exists. To push one out takes a hash for each of the others.
	maxSubjects = 100_000
	trimEvery   = 10 * time.Minute
)

// Work registers the sweeps of a database.
func Work(ws *job.Workers, d *db.DB) {
	ended := db.Sweep{Table: "wrong_try", Key: "kind, subject, browser", Over: "ends_at"}
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: d, Tables: []db.Sweep{ended}})
	job.Work(ws, func(ctx context.Context, _ TrimJob) error { return trim(ctx, d, maxSubjects) })
	job.Every(ws, trimEvery, TrimJob{})
}

const deleteOldest = `DELETE FROM wrong_try WHERE ends_at <=
	(SELECT ends_at FROM wrong_try ORDER BY ends_at DESC LIMIT 1 OFFSET $1)`

// trim forgets the oldest tries beyond a number.
func trim(ctx context.Context, d *db.DB, keep int) error {
	err := d.Jot(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, deleteOldest, keep)
		return err
	})
	if err != nil {
		return fmt.Errorf("forget the oldest wrong tries: %w", err)
	}
	return nil
}

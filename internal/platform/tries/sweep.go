package tries

import (
	"context"
	"errors"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
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

// TellJob is the periodic job that records how often what is locked no more was tried meanwhile.
type TellJob struct{}

// Kind names the job.
func (TellJob) Kind() string { return "tries.tell" }

const (
	// maxSubjects is how many subjects' tries are kept, those of subjects that exist and of nobody alike: which of them
	// are forgotten must not tell what exists. To push one out takes a hash for each of the others.
	maxSubjects = 100_000
	trimEvery   = 10 * time.Minute
	tellEvery   = 10 * time.Minute
)

// Work registers the sweeps of a database.
func Work(ws *job.Workers, d *db.DB) {
	ended := db.Sweep{Table: "wrong_try", Key: "kind, subject, browser", Over: "ends_at"}
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: d, Tables: []db.Sweep{ended}})
	job.Work(ws, func(ctx context.Context, _ TrimJob) error { return trim(ctx, d, maxSubjects) })
	job.Every(ws, trimEvery, TrimJob{})
	job.Work(ws, func(ctx context.Context, j TellJob) error { return tellAll(ctx, d, actor.ForJob(j.Kind(), "")) })
	job.Every(ws, tellEvery, TellJob{})
}

// tellAll tells of all locks that have ended, some at a time, so that others may write meanwhile.
func tellAll(ctx context.Context, d *db.DB, by actor.Actor) error {
	return job.InChunks(ctx, func(ctx context.Context) (more bool, err error) {
		told, err := db.Write(ctx, d, by, func(w *db.W) (int, error) { return tell(ctx, w) })
		if err != nil {
			return false, fmt.Errorf("tell of tries while locked: %w", err)
		}
		return told == toldAtOnce, nil
	})
}

const (
	selectOldestKept = `SELECT ends_at FROM wrong_try ORDER BY ends_at DESC LIMIT 1 OFFSET $1`
	deleteOldest     = `DELETE FROM wrong_try WHERE (kind, subject, browser) IN
		(SELECT kind, subject, browser FROM wrong_try WHERE ends_at <= $1 ORDER BY ends_at LIMIT $2)`
)

// trim forgets the oldest tries beyond those to keep, a few at a time, so that others may write meanwhile.
func trim(ctx context.Context, d *db.DB, keep int) error {
	until, err := db.Glance(ctx, d, func(r db.R) (int64, error) {
		return db.Value[int64](ctx, r, selectOldestKept, keep)
	})
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the oldest wrong tries: %w", err)
	}
	return job.InChunks(ctx, func(ctx context.Context) (more bool, err error) {
		deleted, err := db.Jot(ctx, d, func(k *db.K) (int64, error) {
			return k.Exec(ctx, deleteOldest, until, db.SweptAtOnce)
		})
		if err != nil {
			return false, fmt.Errorf("forget the oldest wrong tries: %w", err)
		}
		return deleted == db.SweptAtOnce, nil
	})
}

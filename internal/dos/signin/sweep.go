package signin

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// SweepJob is the periodic job that forgets logout tokens that are over.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "signin.sweep" }

// sweepEvery is how often what is over is forgotten.
const sweepEvery = 10 * time.Minute

// Work registers the sweep.
func (d *Desk) Work(ws *job.Workers) {
	job.Work(ws, func(ctx context.Context, _ SweepJob) error { return sweep(ctx, d.DB) })
	job.Every(ws, sweepEvery, SweepJob{})
}

func sweep(ctx context.Context, d *db.DB) error {
	err := d.Keep(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, `DELETE FROM signin_logout_token WHERE ends_at <= $1`, k.Now())
		return err
	})
	if err != nil {
		return fmt.Errorf("sweep logout tokens: %w", err)
	}
	return nil
}

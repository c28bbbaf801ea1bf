package key

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// TurnJob is the periodic job that does what is due in the life of the keys.
type TurnJob struct{}

// Kind names the job.
func (TurnJob) Kind() string { return "provider.keys" }

// turnEvery is how often the job looks for steps that are due.
const turnEvery = time.Minute

// Work registers the worker.
func (k *Ring) Work(ws *job.Workers) {
	job.Work(ws, func(ctx context.Context, j TurnJob) error {
		if _, err := k.Turn(ctx, actor.ForJob(j.Kind(), "")); err != nil {
			return err
		}
		return k.forget(ctx)
	})
	job.Every(ws, turnEvery, TurnJob{})
}

// forget deletes the calls that are older than callLife.
func (k *Ring) forget(ctx context.Context) error {
	return k.DB.Keep(ctx, func(kp *db.K) error {
		_, err := kp.Exec(ctx, `DELETE FROM provider_key_call WHERE last_at <= $1`, kp.Now().Add(-callLife))
		if err != nil {
			return fmt.Errorf("forget old calls: %w", err)
		}
		return nil
	})
}

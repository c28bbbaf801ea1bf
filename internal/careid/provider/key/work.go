package key

import (
	"context"
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
		_, err := k.Turn(ctx, actor.ForJob(j.Kind(), ""))
		return err
	})
	job.Every(ws, turnEvery, TurnJob{})
}

// Sweeps are the calls that are older than callLife.
var Sweeps = []db.Sweep{{Table: "provider_key_call", Key: "client_id, address", Over: "last_at", Keep: callLife}}

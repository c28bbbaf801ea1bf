// Package sweep forgets, after a few days, which requests were saved.
package sweep

import (
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// SweepJob is the periodic job that forgets them.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "saved.sweep" }

// Work registers the sweep of a database.
func Work(ws *job.Workers, d *db.DB) {
	over := db.Sweep{Table: "saved_request", Key: "digest", Over: "over_at"}
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: d, Tables: []db.Sweep{over}})
}

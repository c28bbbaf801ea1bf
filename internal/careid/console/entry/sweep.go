package entry

import (
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// SweepJob is the periodic job that forgets logout tokens that are over.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "cim.sweep" }

// Work registers the sweep.
func Work(ws *job.Workers, d *db.DB) { job.Forget(ws, d, SweepJob{}, "console_logout_token") }

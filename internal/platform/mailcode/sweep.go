package mailcode

import (
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// SweepJob is the periodic job that forgets codes that have ended.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "mailcode.sweep" }

// Work registers the sweep of a database.
func Work(ws *job.Workers, d *db.DB) { job.Forget(ws, d, SweepJob{}, "mailed_code") }

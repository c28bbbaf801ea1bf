package mailcode

import (
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// SweepJob is the periodic job that forgets codes that ended a day ago.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "mailcode.sweep" }

// Work registers the sweep of a database.
func Work(ws *job.Workers, d *db.DB) {
	ended := db.Sweep{Table: "mailed_code", Key: "purpose, subject, flow", Over: "ends_at", Keep: day}
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: d, Tables: []db.Sweep{ended}})
}

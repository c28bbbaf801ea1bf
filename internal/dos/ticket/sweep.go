package ticket

import (
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// SweepJob deletes tickets that were solved long ago, and what was said in them.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "ticket.sweep" }

// Work registers the jobs of a database.
func Work(ws *job.Workers, d *db.DB) {
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: d, Event: eventSwept, Tables: []db.Sweep{
		{Table: "ticket_message", Key: "id", Over: "ends_at"},
		{Table: "ticket", Key: "id", Over: "ends_at"},
	}})
}

package mail

import (
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// eventSwept is recorded when delivered mail was forgotten.
const eventSwept audit.Kind = "mail.swept"

// SweepJob is the periodic job that forgets delivered mail.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "mail.sweep" }

// Sweeper forgets mail some time after it was delivered: to whom it went and when. The events of what caused it and
// of its delivery stay. Mail that waits is never forgotten.
func Sweeper(d *db.DB, keep time.Duration) job.Sweeper {
	delivered := db.Sweep{Table: "mail", Key: "id", Over: "delivered_at", Keep: keep}
	return job.Sweeper{DB: d, Event: eventSwept, Tables: []db.Sweep{delivered}}
}

// Work registers the sweep of a database.
func Work(ws *job.Workers, d *db.DB, keep time.Duration) {
	job.Forget(ws, SweepJob{}, Sweeper(d, keep))
}

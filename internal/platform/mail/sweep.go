package mail

import (
	"context"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// eventSwept is recorded when mail was forgotten.
const eventSwept audit.Kind = "mail.swept"

// SweepJob is the periodic job that forgets mail that was delivered or given up.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "mail.sweep" }

// Sweeper forgets mail some time after it was delivered, or given up: to whom it went and when. The events of what
// caused it and of what became of it stay. Mail that waits is never
// forgotten, but for a circular that waited longer than any job is tried.
func Sweeper(d *db.DB, keep time.Duration) job.Sweeper {
	delivered := db.Sweep{Table: "mail", Key: "id", Over: "delivered_at", Keep: keep}
	givenUp := db.Sweep{Table: "mail", Key: "id", Over: "given_up_at", Keep: keep}
	untold := db.Sweep{Table: "mail_circular", Key: "id", Over: "queued_at", Keep: maxWait}
	return job.Sweeper{DB: d, Event: eventSwept, Tables: []db.Sweep{delivered, givenUp, untold}}
}

// Work registers the jobs that tidy up the mail of a database.
func Work(ws *job.Workers, d *db.DB, keep time.Duration) {
	job.Work(ws, func(ctx context.Context, _ GiveUpJob) error { return giveUpOld(ctx, d) })
	job.Every(ws, lookEvery, GiveUpJob{})
	job.Forget(ws, SweepJob{}, Sweeper(d, keep))
}

package authenticator

import (
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// eventInvitationsSwept is recorded when invitations were forgotten.
const eventInvitationsSwept audit.Kind = "authenticator.invitations-swept"

// SweepJob is the periodic job that forgets invitations and passes that have ended.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "authenticator.sweep" }

// Sweeper forgets invitations and passes some time after their end. The events that tell of them stay.
func Sweeper(d *db.DB, keep time.Duration) job.Sweeper {
	ended := db.Sweep{Table: "authenticator_invitation", Key: "id", Over: "ends_at", Keep: keep}
	passes := db.Sweep{Table: "authenticator_pass", Key: "id", Over: "ends_at", Keep: keep}
	return job.Sweeper{DB: d, Event: eventInvitationsSwept, Tables: []db.Sweep{ended, passes}}
}

// Work registers the sweep of a database.
func Work(ws *job.Workers, d *db.DB, keep time.Duration) {
	job.Forget(ws, SweepJob{}, Sweeper(d, keep))
}

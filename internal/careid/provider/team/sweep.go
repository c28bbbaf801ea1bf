package team

import (
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// eventInvitationsSwept is recorded when invitations were forgotten.
const eventInvitationsSwept audit.Kind = "team.invitations-swept"

// SweepJob is the periodic job that forgets invitations that nobody answered.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "team.sweep" }

// toldKept is how long it counts that the readers of a team were told of an invitation.
const toldKept = 24 * time.Hour

// Sweeper forgets invitations some time after their end. The events that tell of them stay.
func Sweeper(d *db.DB, keep time.Duration) job.Sweeper {
	unanswered := db.Sweep{
		Table: "provider_team_invitation", Key: "id", Over: "made_at", Keep: invitationLife + keep,
	}
	told := db.Sweep{Table: "provider_team_told", Key: "id", Over: "told_at", Keep: toldKept}
	return job.Sweeper{DB: d, Event: eventInvitationsSwept, Tables: []db.Sweep{unanswered, told}}
}

// Work registers the sweep of a database, and the job that makes the looks of old names.
func Work(ws *job.Workers, d *db.DB, keep time.Duration) {
	job.Forget(ws, SweepJob{}, Sweeper(d, keep))
	workLooks(ws, d)
}

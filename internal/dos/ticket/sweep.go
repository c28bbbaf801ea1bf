package ticket

import (
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// SweepJob deletes tickets that were solved long ago, and what was said in them.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "ticket.sweep" }

// remoteFor is how long is known what became of a ticket in another system: longer than the ticket is kept.
const remoteFor = 2 * keptFor

// Work registers the jobs of a database.
func Work(ws *job.Workers, d *db.DB) {
	job.Forget(ws, SweepJob{}, job.Sweeper{DB: d, Event: eventSwept, Tables: []db.Sweep{
		{Table: "ticket_message", Key: "id", Over: "ends_at"},
		{Table: "ticket", Key: "id", Over: "ends_at"},
		{Table: "ticket_file", Key: "id", Over: "ends_at"},
		{Table: "ticket_mail", Key: "id", Over: "came_at", Keep: keptFor},
		{Table: "ticket_remote", Key: "ticket_id", Over: "changed_at", Keep: remoteFor},
		{Table: "ticket_remote_message", Key: "message_id", Over: "sent_at", Keep: remoteFor},
	}})
}

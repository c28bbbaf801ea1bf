package session

import (
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// eventSwept is recorded when sessions were swept away.
const eventSwept audit.Kind = "session.swept"

// SweepJob is the periodic job that clears away sessions and flows that are over.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "session.sweep" }

// overAt says when a session is over that was used since it began.
const overAt = `CASE WHEN ` + idleAt + ` < ends_at THEN ` + idleAt + ` ELSE ends_at END`

const idleAt = `COALESCE((SELECT used_at FROM session_use u WHERE u.session_id = session.id), begun_at) + idle_millis`

// useLife is how long the last use of a session is kept: longer than any session may be idle.
const useLife = 24 * time.Hour

// Sweeper clears away what is over in a database.
func Sweeper(d *db.DB) job.Sweeper {
	return job.Sweeper{DB: d, Event: eventSwept, Tables: []db.Sweep{
		{Table: "session", Key: "id", Over: "over_at", Anew: overAt},
		{Table: "session_use", Key: "session_id", Over: "used_at", Keep: useLife},
		{Table: "session_ended", Key: "session_id", Over: "over_at"},
		{Table: "flow", Key: "id", Over: "ends_at"},
	}}
}

// Work registers the sweep of a database.
func Work(ws *job.Workers, d *db.DB) { job.Forget(ws, SweepJob{}, Sweeper(d)) }

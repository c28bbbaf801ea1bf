package client

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// Met reports whether somebody has logged in to a client before, and it was not forgotten since.
func Met(ctx context.Context, r db.R, id, uuid string) (bool, error) {
	n, err := db.Value[int64](ctx, r, `SELECT COUNT(*) FROM provider_client_met WHERE client_id = $1 AND uuid = $2`,
		id, uuid)
	if err != nil {
		return false, fmt.Errorf("look whether somebody knows a client: %w", err)
	}
	return n > 0, nil
}

// metExactly is how exactly it is known when somebody last logged in to a client, so that most logins write nothing.
const metExactly = 24 * time.Hour

const putMet = `INSERT INTO provider_client_met (client_id, uuid, since) VALUES ($1, $2, $3)
	ON CONFLICT (client_id, uuid) DO UPDATE SET since = $3 WHERE provider_client_met.since <= $4`

// Meet notes that somebody logs in to a client, as a part of an Update.
func Meet(ctx context.Context, w *db.W, id, uuid string) error {
	if err := w.Soon(ctx, putMet, id, uuid, w.Now(), w.Now().Add(-metExactly)); err != nil {
		return fmt.Errorf("note that somebody knows a client: %w", err)
	}
	return nil
}

// eventMetSwept is recorded when it was forgotten who knows which client.
const eventMetSwept audit.Kind = "client.visits-swept"

// SweepJob is the periodic job that forgets who knows a client, if they have not logged in to it for long.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "client.sweep" }

// Sweeper forgets who knows a client, some time after their last login to it.
func Sweeper(d *db.DB, keep time.Duration) job.Sweeper {
	visits := db.Sweep{Table: "provider_client_met", Key: "client_id, uuid", Over: "since", Keep: keep}
	return job.Sweeper{DB: d, Event: eventMetSwept, Tables: []db.Sweep{visits}}
}

// Work registers the sweep of a database, and the job that makes the looks of old names.
func Work(ws *job.Workers, d *db.DB, keep time.Duration) {
	job.Forget(ws, SweepJob{}, Sweeper(d, keep))
	workLooks(ws, d)
}

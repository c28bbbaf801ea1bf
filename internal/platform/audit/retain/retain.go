// Package retain forgets what events keep for a time only. Envelopes are kept for good.
package retain

import (
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// AddressesJob is the periodic job that forgets where refusals came from.
type AddressesJob struct{}

// Kind names the job.
func (AddressesJob) Kind() string { return "event-address.sweep" }

// Work registers the jobs of a database. addresses is how long it is kept where refusals came from.
func Work(ws *job.Workers, d *db.DB, addresses time.Duration) {
	old := db.Sweep{Table: "event_address", Key: "event_id", Over: "at", Keep: addresses}
	job.Forget(ws, AddressesJob{}, job.Sweeper{DB: d, Tables: []db.Sweep{old}})
}

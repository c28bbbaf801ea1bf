// Package retain forgets what events keep for a time only. Envelopes are kept for good.
package retain

import (
	"context"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// AddressesJob is the periodic job that forgets where refusals came from.
type AddressesJob struct{}

// Kind names the job.
func (AddressesJob) Kind() string { return "event-address.sweep" }

// Work registers the jobs of a database. addresses is how long it is kept where refusals came from; details of kinds of
// which nothing is said are kept for good.
func Work(ws *job.Workers, d *db.DB, addresses time.Duration, details []Details) {
	old := db.Sweep{Table: "event_address", Key: "event_id", Over: "at", Keep: addresses}
	job.Forget(ws, AddressesJob{}, job.Sweeper{DB: d, Tables: []db.Sweep{old}})
	job.Work(ws, func(ctx context.Context, _ DetailsJob) error { return Erase(ctx, d, details) })
	job.Every(ws, eraseEvery, DetailsJob{})
}

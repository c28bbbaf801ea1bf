// Package jobtest runs a database's jobs within a test.
package jobtest

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// poll is how often a test's queue looks for jobs.
const poll = 10 * time.Millisecond

// Run opens d's queue with the given workers and begins to run its jobs. The test stops it.
func Run(t testing.TB, d *db.DB, ws *job.Workers) *job.Queue {
	t.Helper()
	ws.Poll = poll
	ws.Watch = time.Hour // there is no other node, and tests count what is written
	q, err := job.Open(t.Context(), d, ws, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("open jobs: %v", err)
	}
	if err := q.Start(context.Background()); err != nil {
		t.Fatalf("start jobs: %v", err)
	}
	return q
}

// Start is Run until the test ends.
func Start(t testing.TB, d *db.DB, ws *job.Workers) *job.Queue {
	t.Helper()
	q := Run(t, d, ws)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := q.Stop(ctx); err != nil {
			t.Errorf("stop jobs: %v", err)
		}
	})
	return q
}

// Settle returns when no job is due or running any more.
func Settle(t testing.TB, q *job.Queue) {
	t.Helper()
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(20 * time.Second)
	for {
		n, err := q.Waiting(t.Context())
		if err != nil {
			t.Fatalf("count jobs: %v", err)
		}
		if n == 0 {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("%d jobs were not done in time", n)
		}
	}
}

package session

import (
	"context"
	"fmt"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// eventSwept is recorded when sessions were swept away.
const eventSwept audit.Kind = "session.swept"

// SweepJob is the periodic job that clears away sessions and flows that are over.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "session.sweep" }

const deleteEnded = `DELETE FROM session WHERE ends_at <= $1
	OR COALESCE((SELECT used_at FROM session_use u WHERE u.session_id = session.id), begun_at) + idle_millis <= $1`

// Sweep clears away what is over in d.
func Sweep(ctx context.Context, d *db.DB) error {
	err := d.Update(ctx, actor.ForJob("session.sweep", ""), func(w *db.W) error {
		n, err := w.Exec(ctx, deleteEnded, w.Now())
		if err != nil || n == 0 {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventSwept, After: map[string]int64{"sessions": n}})
	})
	if err != nil {
		return fmt.Errorf("sweep sessions: %w", err)
	}
	return d.Keep(ctx, func(k *db.K) error {
		if _, err := k.Exec(ctx, `DELETE FROM flow WHERE ends_at <= $1`, k.Now()); err != nil {
			return fmt.Errorf("sweep flows: %w", err)
		}
		const orphans = `DELETE FROM session_use WHERE NOT EXISTS (SELECT 1 FROM session s WHERE s.id = session_id)`
		_, err := k.Exec(ctx, orphans)
		return err
	})
}

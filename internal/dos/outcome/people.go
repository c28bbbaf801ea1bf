package outcome

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/dos/signin"
	"signpost/internal/platform/db"
)

// atOrFirst gives a time that a query compares with: the beginning of all where it is not known.
func atOrFirst(t time.Time) time.Time {
	if t.IsZero() {
		return time.UnixMilli(0)
	}
	return t
}

// CountRefused counts the people of a wave who came with the Care Identity that is linked to their account, and were
// not let in, since a time.
func CountRefused(ctx context.Context, r db.R, waveID string, since time.Time) (int, error) {
	var args db.Arguments
	var outcomes []string
	for _, o := range signin.Refusals() {
		if o != signin.NoAccount {
			outcomes = append(outcomes, string(o))
		}
	}
	n, err := db.Value[int](ctx, r, `SELECT COUNT(DISTINCT person) FROM outcome_person WHERE wave_id = `+
		args.Add(waveID)+` AND outcome IN (`+db.AddEach(&args, outcomes)+`) AND last_at >= `+args.Add(atOrFirst(since)),
		args.List()...)
	if err != nil {
		return 0, fmt.Errorf("count who was refused: %w", err)
	}
	return n, nil
}

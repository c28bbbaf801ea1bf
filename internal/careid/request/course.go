package request

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/db"
)

// Course is when something was asked for, and when that was decided: zero while it waits.
type Course struct{ Asked, Decided time.Time }

// longLate is how long after it was due something is still looked for among what was decided.
const longLate = 180 * 24 * time.Hour

// Courses lists what some organisations were asked for that waits, or was approved or rejected since a time; but for
// what was half a year late then.
func Courses(ctx context.Context, r db.R, organisations []string, since time.Time) ([]Course, error) {
	if len(organisations) == 0 {
		return nil, nil
	}
	var a db.Arguments
	at := ` organisation IN (` + db.AddEach(&a, organisations) + `)`
	list, err := db.All(ctx, r, func(scan db.Scanner) (c Course, err error) {
		err = scan(db.At(&c.Asked), db.At(&c.Decided))
		return c, err
	}, `SELECT asked_at, decided_at FROM ra_request WHERE`+at+` AND state = 'open'
		UNION ALL SELECT asked_at, decided_at FROM ra_request WHERE`+at+` AND state IN ('completed', 'rejected')
		AND due_at >= `+a.Add(since.Add(-longLate))+` AND decided_at >= `+a.Add(since), a.List()...)
	if err != nil {
		return nil, fmt.Errorf("list courses of requests: %w", err)
	}
	return list, nil
}

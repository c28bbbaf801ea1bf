package access

import (
	"context"
	"fmt"

	"signpost/internal/platform/db"
)

const countAt = `SELECT (SELECT COUNT(*) FROM position WHERE organisation = $1)
	+ (SELECT COUNT(*) FROM person_organisation WHERE organisation = $1)`

// CountAt counts the positions at the organisation with a code, and the people who have a number there.
func CountAt(ctx context.Context, r db.R, organisation string) (int64, error) {
	n, err := db.Value[int64](ctx, r, countAt, organisation)
	if err != nil {
		return 0, fmt.Errorf("count positions of an organisation: %w", err)
	}
	return n, nil
}

const (
	recodePositions   = `UPDATE position SET organisation = $2 WHERE organisation = $1`
	recodeMemberships = `UPDATE person_organisation SET organisation = $2 WHERE organisation = $1`
)

// Recode has the positions of an organisation, and the numbers that people have there, follow it to another code, as a
// part of an Update that records it. It says how many positions they are. Who holds them keeps the same role profile.
func Recode(ctx context.Context, w *db.W, from, to string) (int64, error) {
	if _, err := w.Exec(ctx, recodeMemberships, from, to); err != nil {
		return 0, fmt.Errorf("change code of people's organisation: %w", err)
	}
	n, err := w.Exec(ctx, recodePositions, from, to)
	if err != nil {
		return 0, fmt.Errorf("change code of positions' organisation: %w", err)
	}
	return n, nil
}

package identity

import (
	"context"
	"fmt"

	"signpost/internal/careid/identity/equipment"
	"signpost/internal/platform/db"
)

// CountAt counts the people who were registered at the organisation with a code.
func CountAt(ctx context.Context, r db.R, organisation string) (int64, error) {
	n, err := db.Value[int64](ctx, r, `SELECT COUNT(*) FROM identity WHERE organisation = $1`, organisation)
	if err != nil {
		return 0, fmt.Errorf("count people of an organisation: %w", err)
	}
	return n, nil
}

// Recode has the people of an organisation follow it to another code, as a part of an Update that records it, and says
// how many they are.
func Recode(ctx context.Context, w *db.W, from, to string) (int64, error) {
	n, err := w.Exec(ctx, `UPDATE identity SET organisation = $2 WHERE organisation = $1`, from, to)
	if err != nil {
		return 0, fmt.Errorf("change code of people's organisation: %w", err)
	}
	return n, equipment.Recode(ctx, w, from, to)
}

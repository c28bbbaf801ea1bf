// Package linked finds accounts by when they were linked to a Care Identity. It changes no link.
package linked

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/db"
)

// Between lists the ids of accounts that a Care Identity has opened since a time from one until before another, in
// their order, after the last of before.
func Between(ctx context.Context, r db.R, from, to time.Time, last string, limit int) ([]string, error) {
	ids, err := db.All(ctx, r, db.Column[string], `SELECT account_id FROM account_link
		WHERE COALESCE(moved_at, linked_at) >= $1 AND COALESCE(moved_at, linked_at) < $2 AND account_id > $3
		ORDER BY account_id LIMIT $4`, from, to, last, limit)
	if err != nil {
		return nil, fmt.Errorf("list accounts that were linked in some days: %w", err)
	}
	return ids, nil
}

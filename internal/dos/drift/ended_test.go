package drift_test

import (
	"context"
	"fmt"
	"testing"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// However many accounts ended, their cases end a few at once.
func TestManyCasesEndAFewAtOnce(t *testing.T) {
	w := newWorld(t)
	w.Update(func(ctx context.Context, u *db.W) error {
		for i := range 450 {
			if _, err := u.Exec(ctx, `INSERT INTO drift (account_id, cause, ours, theirs, staff, changed, linked, found_at,
				state) VALUES ($1, 'typo', '', '', '', 'dos', FALSE, $2, 'open')`, fmt.Sprintf("gone%d", i),
				u.Now()); err != nil {
				return err
			}
		}
		return u.Record(ctx, audit.Event{Kind: "drift.compared", Subject: audit.Ref{Kind: "drift", ID: "test"}})
	})
	w.run()
	left := w.Count(`SELECT COUNT(*) FROM drift`)
	if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'drift.compared'`); left != 0 || n != 1+3 {
		t.Errorf("%d cases left, %d Updates", left, n-1)
	}
}

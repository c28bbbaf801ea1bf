package board

import (
	"context"

	"signpost/internal/dos/report"
	"signpost/internal/platform/db"
)

// MaxChanged is how many accounts that changed are put right while somebody waits.
const MaxChanged = maxChanged

// ReadEach is Read by looking at each account.
func ReadEach(ctx context.Context, r db.R, s report.Selection, by string) (*Board, error) {
	groups, err := report.Groups(ctx, r, s, by)
	return boardOf(groups), err
}

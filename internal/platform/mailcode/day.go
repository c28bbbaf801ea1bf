package mailcode

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// day is how long codes are kept for the limit of a day.
const day = 24 * time.Hour

// beyondDay is how many codes a network gets of a subject whose codes of the day are used up: one, and two more where
// its mail does not come.
const beyondDay = 3

// asks counts the codes that were asked for a subject in the last day.
type asks struct {
	all     int64
	network int64 // those of one network
	used    int64 // flows of that network in which the right code was typed last
}

const countOfDay = `SELECT CAST(COALESCE(SUM(asked), 0) AS BIGINT),
	CAST(COALESCE(SUM(CASE WHEN network = $3 THEN asked ELSE 0 END), 0) AS BIGINT),
	CAST(COALESCE(SUM(CASE WHEN network = $3 AND used_at IS NOT NULL THEN 1 ELSE 0 END), 0) AS BIGINT)
	FROM mailed_code WHERE purpose = $1 AND subject = $2 AND ends_at > $4`

func scanAsks(scan db.Scanner) (n asks, err error) {
	err = scan(&n.all, &n.network, &n.used)
	return n, err
}

// dayProblem refuses one more code for a subject of which too many were asked for in a day. A network that asked for
// few still gets some, and one where somebody showed that they read the mailbox as many as ever: whoever uses up the
// codes of a day keeps nobody out. It leaves no event, as strangers may ask for ever.
func (p Purpose) dayProblem(ctx context.Context, r db.R, subject audit.Ref, network string) error {
	if p.MaxOfDay == 0 {
		return nil
	}
	since := r.Now().Add(p.Life - day) // when codes end that were asked for a day ago
	n, err := db.One(ctx, r, scanAsks, countOfDay, p.Name, subject.ID, network, since)
	if err != nil {
		return fmt.Errorf("count %s codes of a day: %w", p.Name, err)
	}
	if n.all < p.MaxOfDay || n.network < beyondDay || n.used > 0 {
		return nil
	}
	return p.ErrDay
}

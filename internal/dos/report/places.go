package report

import (
	"context"
	"fmt"

	"signpost/internal/platform/db"
)

// Left is how many accounts of an organisation are counted as certain facts.
type Left struct {
	Organisation string // ODS code; empty for accounts of which it is not known
	N            int
}

// RankedByLeft lists the organisations where most of the accounts that are meant are counted as one of the facts, those
// of which no such account is counted last, and says how many organisations there are. Some organisations are left out.
func RankedByLeft(
	ctx context.Context, r db.R, s Selection, facts, without []string, limit int,
) (list []Left, total int, err error) {
	var args db.Arguments
	where := s.tallied(&args, ByOrganisation)
	if len(without) > 0 {
		where += ` AND a.organisation NOT IN (` + db.AddEach(&args, without) + `)`
	}
	list, err = db.All(ctx, r, func(scan db.Scanner) (one Left, err error) {
		err = scan(&one.Organisation, &one.N, &total)
		return one, err
	}, `SELECT a.organisation, CAST(SUM(CASE WHEN a.facts IN (`+db.AddEach(&args, facts)+`) THEN a.n ELSE 0 END) AS
		BIGINT), COUNT(*) OVER () FROM tally_count a`+where+` GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT `+args.Add(limit),
		args.List()...)
	if err != nil {
		return nil, 0, fmt.Errorf("list organisations where most is left: %w", err)
	}
	return list, total, nil
}

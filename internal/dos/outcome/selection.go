package outcome

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/covering"
	"signpost/internal/platform/db"
)

// Selection says which logins are meant: of which days, of which wave, and whose.
type Selection struct {
	From, Until time.Time // the beginning of the first day, and of the day after the last
	Wave        string    // id; empty for all
	Within      account.Reach
}

// Earliest is the first day of which there are counts for somebody with a reach. Counts of all stand for good, but not
// the single people from whom those of a region or an organisation are counted.
func Earliest(within account.Reach, now time.Time) time.Time {
	if within.Everywhere {
		return DayOf(now.Add(-lockoutsKept))
	}
	return DayOf(now.Add(-keptFor)).AddDate(0, 0, 1)
}

func (s Selection) wave(args *db.Arguments) string {
	if s.Wave == "" {
		return ""
	}
	return ` AND p.wave_id = ` + args.Add(s.Wave)
}

// counted is the query of the counts that are meant: those of all are kept, those of a reach are counted from people.
func (s Selection) counted(args *db.Arguments) string {
	days := ` WHERE p.day >= ` + args.Add(DayOf(s.From)) + ` AND p.day < ` + args.Add(DayOf(s.Until)) + s.wave(args)
	if s.Within.Everywhere {
		return `SELECT p.day, p.wave_id, p.way, p.outcome, p.people, p.tries FROM outcome_day p` + days +
			` ORDER BY p.day, p.wave_id, p.way, p.outcome`
	}
	return `SELECT p.day, p.wave_id, p.way, p.outcome, COUNT(*), CAST(SUM(p.tries) AS BIGINT) FROM outcome_person p` +
		days + ` AND p.person IN (` + covering.IDs(s.Within, args) + `)
		GROUP BY p.day, p.wave_id, p.way, p.outcome ORDER BY p.day, p.wave_id, p.way, p.outcome`
}

// Counts reads what was counted of the logins that are meant.
func Counts(ctx context.Context, r db.R, s Selection) ([]Count, error) {
	var args db.Arguments
	query := s.counted(&args)
	list, err := db.All(ctx, r, func(scan db.Scanner) (c Count, err error) {
		err = scan(db.At(&c.Day), &c.Wave, &c.Way, &c.Outcome, &c.People, &c.Tries)
		return c, err
	}, query, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("read counts of logins: %w", err)
	}
	return list, nil
}

package report

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/dos/account/tally"
	"signpost/internal/platform/db"
)

// Count is how many accounts are counted alike.
type Count struct {
	tally.Line

	N int
}

// Counts reads all counts of accounts as they were counted last, by organisation and by region.
func Counts(ctx context.Context, r db.R) ([]Count, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (c Count, err error) {
		err = scan(&c.Organisation, &c.Region, &c.Wave, &c.Facts, &c.N)
		return c, err
	}, `SELECT organisation, region, wave_id, facts, n FROM tally_count ORDER BY organisation, region, wave_id`)
	if err != nil {
		return nil, fmt.Errorf("read all counts of accounts: %w", err)
	}
	return list, nil
}

// Day is how far the accounts that are meant were on a day.
type Day struct {
	Day                           string // as 2026-11-30, in London
	At                            time.Time
	Moved, Ready, Unsure, Blocked int
}

// Days lists the days from one on of which it was kept how far the accounts that are meant were. A day that was missed
// is not there.
func Days(ctx context.Context, r db.R, s Selection, from string) ([]Day, error) {
	kept := db.Ask(func(scan db.Scanner) (d Day, err error) {
		err = scan(&d.Day, db.At(&d.At))
		return d, err
	}, `SELECT day, at FROM rollout_day WHERE day >= $1 ORDER BY day`, from)
	var args db.Arguments
	where := s.tallied(&args, ByRegion) + ` AND day >= ` + args.Add(from)
	counts := db.Ask(func(scan db.Scanner) (d Day, err error) {
		err = scan(&d.Day, &d.Moved, &d.Ready, &d.Unsure, &d.Blocked)
		return d, err
	}, `SELECT day, CAST(SUM(moved) AS BIGINT), CAST(SUM(ready) AS BIGINT), CAST(SUM(unsure) AS BIGINT),
		CAST(SUM(blocked) AS BIGINT) FROM rollout_day_count a`+where+` GROUP BY day`, args.List()...)
	if err := db.Together(ctx, r, kept, counts); err != nil {
		return nil, fmt.Errorf("read how far accounts were on each day: %w", err)
	}
	of := map[string]Day{}
	for _, c := range counts.All() {
		of[c.Day] = c
	}
	days := kept.All()
	for i, d := range days {
		days[i] = of[d.Day]
		days[i].Day = d.Day
		days[i].At = d.At
	}
	return days, nil
}

// Move is that somebody came nearer to their Care Identity, or fell back.
type Move struct {
	Account, Organisation, Authority string
	At                               time.Time
	Was, Became                      string // states, see package planning
	Owner, Next                      string // who had to act and who has to; empty for nobody
}

// Moves lists the moves of the accounts that are meant from a time on, the newest first.
func Moves(ctx context.Context, r db.R, s Selection, from time.Time, maxMoves int) ([]Move, error) {
	var args db.Arguments
	where := ` WHERE a.at >= ` + args.Add(from)
	where += s.places(&args, `a.wave_id`)
	list, err := db.All(ctx, r, func(scan db.Scanner) (m Move, err error) {
		err = scan(&m.Account, &m.Organisation, &m.Authority, db.At(&m.At), &m.Was, &m.Became, &m.Owner, &m.Next)
		return m, err
	}, `SELECT account_id, organisation, authority, at, was, became, owner, next_owner FROM rollout_move a`+where+
		` ORDER BY a.at DESC, account_id LIMIT `+args.Add(maxMoves), args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list who moved on or fell back: %w", err)
	}
	return list, nil
}

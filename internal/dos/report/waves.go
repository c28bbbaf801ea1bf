// Package report reads across the tables of the directory's side, for lists that no slice has alone. It changes
// nothing, and decides nothing.
package report

import (
	"context"
	"fmt"

	"signpost/internal/platform/db"
)

// WaveCounts is how many accounts of people there are in a wave, and how far they are.
type WaveCounts struct {
	Wave                     string // id
	Accounts, Linked, Shared int
	// Unable is how many are one person's, are not linked and have no password: they need a code to link.
	Unable int
}

const selectWaveCounts = `SELECT m.wave_id, COUNT(*), COUNT(CASE WHEN a.linked THEN 1 END),
		COUNT(CASE WHEN a.shared THEN 1 END),
		COUNT(CASE WHEN NOT a.linked AND NOT a.shared AND a.password_hash = '' THEN 1 END)
	FROM wave_member m JOIN account a ON a.id = m.account_id
	WHERE a.active AND NOT a.web_service_only GROUP BY m.wave_id`

// Waves counts the active accounts of every wave that has some. Machines' accounts do not move, and are not counted.
func Waves(ctx context.Context, r db.R) (map[string]WaveCounts, error) {
	list, err := db.All(ctx, r, func(scan db.Scanner) (c WaveCounts, err error) {
		err = scan(&c.Wave, &c.Accounts, &c.Linked, &c.Shared, &c.Unable)
		return c, err
	}, selectWaveCounts)
	if err != nil {
		return nil, fmt.Errorf("count accounts of waves: %w", err)
	}
	counts := make(map[string]WaveCounts, len(list))
	for _, c := range list {
		counts[c.Wave] = c
	}
	return counts, nil
}

// Cohort says which of the accounts that are in no wave are meant: those of an organisation, of a region, of both, or
// all where both are empty.
type Cohort struct {
	Organisation string // ODS code
	Region       string // id of the region's service
}

// inCohort are the active accounts of people that are in no wave.
const inCohort = ` FROM account a WHERE a.active AND NOT a.web_service_only
	AND ($1 = '' OR a.organisation = $1) AND ($2 = '' OR a.region = $2)
	AND NOT EXISTS (SELECT 1 FROM wave_member m WHERE m.account_id = a.id)`

// CountUnplaced counts the accounts of a cohort that are in no wave.
func CountUnplaced(ctx context.Context, r db.R, c Cohort) (int, error) {
	n, err := db.Value[int](ctx, r, `SELECT COUNT(*)`+inCohort, c.Organisation, c.Region)
	if err != nil {
		return 0, fmt.Errorf("count accounts in no wave: %w", err)
	}
	return n, nil
}

// Unplaced gives the ids of at most so many accounts of a cohort that are in no wave.
func Unplaced(ctx context.Context, r db.R, c Cohort, maxIDs int) ([]string, error) {
	ids, err := db.All(ctx, r, db.Column[string], `SELECT a.id`+inCohort+` ORDER BY a.id LIMIT $3`, c.Organisation,
		c.Region, maxIDs)
	if err != nil {
		return nil, fmt.Errorf("list accounts in no wave: %w", err)
	}
	return ids, nil
}

// Others are accounts of a wave: one, those of an organisation, or all where neither is named.
type Others struct {
	Wave         string // id
	Organisation string // ODS code
	Account      string // id
}

const inOthers = ` FROM wave_member m JOIN account a ON a.id = m.account_id
	WHERE m.wave_id = $1 AND a.active AND ($2 = '' OR a.organisation = $2) AND ($3 = '' OR a.id = $3)`

// CountOthers counts the active ones of some accounts of a wave.
func CountOthers(ctx context.Context, r db.R, o Others) (int, error) {
	n, err := db.Value[int](ctx, r, `SELECT COUNT(*)`+inOthers, o.Wave, o.Organisation, o.Account)
	if err != nil {
		return 0, fmt.Errorf("count accounts of wave: %w", err)
	}
	return n, nil
}

// OthersOf gives the ids of at most so many of some accounts of a wave.
func OthersOf(ctx context.Context, r db.R, o Others, maxIDs int) ([]string, error) {
	ids, err := db.All(ctx, r, db.Column[string], `SELECT a.id`+inOthers+` ORDER BY a.id LIMIT $4`, o.Wave,
		o.Organisation, o.Account, maxIDs)
	if err != nil {
		return nil, fmt.Errorf("list accounts of wave: %w", err)
	}
	return ids, nil
}

// StartCounts is how many accounts of people were in a wave at a start, or are now, and what became of them.
type StartCounts struct {
	Staying int // in it then and still
	Linked  int // of these
	Left    int // in another wave since, or in none
	Joined  int // since
}

const (
	countAtStart = `SELECT COUNT(m.account_id), COUNT(CASE WHEN m.account_id IS NOT NULL AND a.linked THEN 1 END),
			COUNT(CASE WHEN m.account_id IS NULL THEN 1 END)
		FROM wave_start_member n JOIN wave_start s ON s.id = n.start_id JOIN account a ON a.id = n.account_id
		LEFT JOIN wave_member m ON m.account_id = n.account_id AND m.wave_id = s.wave_id
		WHERE n.start_id = $1 AND a.active AND NOT a.web_service_only`
	countSinceStart = `SELECT COUNT(*) FROM wave_start s JOIN wave_member m ON m.wave_id = s.wave_id
		JOIN account a ON a.id = m.account_id WHERE s.id = $1 AND a.active AND NOT a.web_service_only
			AND NOT EXISTS (SELECT 1 FROM wave_start_member n WHERE n.start_id = s.id AND n.account_id = m.account_id)`
)

// OfStart counts the active accounts of people that a start of a wave was for, and those that joined since.
func OfStart(ctx context.Context, r db.R, startID string) (StartCounts, error) {
	c, err := db.One(ctx, r, func(scan db.Scanner) (c StartCounts, err error) {
		err = scan(&c.Staying, &c.Linked, &c.Left)
		return c, err
	}, countAtStart, startID)
	if err == nil {
		c.Joined, err = db.Value[int](ctx, r, countSinceStart, startID)
	}
	if err != nil {
		return c, fmt.Errorf("count accounts of start: %w", err)
	}
	return c, nil
}

// WavesOf lists the ids of the waves in which some of the accounts that are meant are, as they were when they were
// counted last.
func WavesOf(ctx context.Context, r db.R, s Selection) ([]string, error) {
	var args db.Arguments
	where := s.tallied(&args, ByOrganisation)
	list, err := db.All(ctx, r, db.Column[string], `SELECT DISTINCT a.wave_id FROM tally_count a`+where+
		` AND a.wave_id <> '' AND a.n > 0 ORDER BY a.wave_id`, args.List()...)
	if err != nil {
		return nil, fmt.Errorf("list waves of accounts: %w", err)
	}
	return list, nil
}

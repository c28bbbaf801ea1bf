// Package tally keeps as what each active account of a person is counted for the board, and how many are counted alike.
//
// It is written by one job alone, so that acts on accounts do not wait for each other. It does not know what is
// counted: whoever reads puts right what has changed since, see package report.
package tally

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"signpost/internal/platform/db"
)

// Line is as what an account is counted. One without facts is of an account that is not counted.
type Line struct {
	Region       string // id of its service; empty where it is not known
	Organisation string // ODS code; the same
	Wave         string // id; empty for none
	Facts        string // what is known of it
	Since        time.Time
}

// Change is that an account is to be counted as something else.
type Change struct {
	Account string
	Was, Is Line
}

// WholeRegion stands in place of an organisation where a region is counted as a whole. It is no ODS code.
const WholeRegion = "*"

// key names one count.
type key struct{ organisation, region, wave, facts string }

func (l Line) keys() []key {
	return []key{{l.Organisation, l.Region, l.Wave, l.Facts}, {WholeRegion, l.Region, l.Wave, l.Facts}}
}

func (k key) compare(other key) int {
	return cmp.Or(cmp.Compare(k.organisation, other.organisation), cmp.Compare(k.region, other.region),
		cmp.Compare(k.wave, other.wave), cmp.Compare(k.facts, other.facts))
}

const (
	putLine = `INSERT INTO tally_account (account_id, region, organisation, wave_id, facts, since_at)
		VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (account_id) DO UPDATE SET region = $2, organisation = $3,
		wave_id = $4, facts = $5, since_at = $6`
	takeLine = `DELETE FROM tally_account WHERE account_id = $1`

	addCount = `INSERT INTO tally_count (organisation, region, wave_id, facts, n, oldest) VALUES ($1, $2, $3, $4, $5,
		(SELECT MIN(since_at) FROM tally_account WHERE organisation = $1 AND region = $2 AND wave_id = $3
			AND facts = $4))
		ON CONFLICT (organisation, region, wave_id, facts)
		DO UPDATE SET n = tally_count.n + excluded.n, oldest = excluded.oldest`
	addRegionCount = `INSERT INTO tally_count (organisation, region, wave_id, facts, n, oldest)
		VALUES ($1, $2, $3, $4, $5,
		(SELECT MIN(since_at) FROM tally_account WHERE region = $2 AND wave_id = $3 AND facts = $4))
		ON CONFLICT (organisation, region, wave_id, facts)
		DO UPDATE SET n = tally_count.n + excluded.n, oldest = excluded.oldest`
	dropNone = `DELETE FROM tally_count WHERE organisation = $1 AND region = $2 AND wave_id = $3 AND facts = $4
		AND n = 0`
)

// Put counts accounts as what they are now, as a part of an Update.
func Put(ctx context.Context, w *db.W, changes []Change) error {
	by := map[key]int{}
	for _, c := range changes {
		if err := c.put(ctx, w); err != nil {
			return err
		}
		c.count(by)
	}
	for _, k := range slices.SortedFunc(maps.Keys(by), key.compare) {
		if err := k.add(ctx, w, by[k]); err != nil {
			return err
		}
	}
	return nil
}

func (c Change) put(ctx context.Context, w *db.W) error {
	sql := takeLine
	args := []any{c.Account}
	if c.Is.Facts != "" {
		sql = putLine
		args = append(args, c.Is.Region, c.Is.Organisation, c.Is.Wave, c.Is.Facts, c.Is.Since)
	}
	if err := w.Soon(ctx, sql, args...); err != nil {
		return fmt.Errorf("keep as what account %s is counted: %w", c.Account, err)
	}
	return nil
}

// count adds to the differences of counts. A count that stays as it is may have another oldest.
func (c Change) count(by map[key]int) {
	if c.Was.Facts != "" {
		for _, k := range c.Was.keys() {
			by[k]--
		}
	}
	if c.Is.Facts != "" {
		for _, k := range c.Is.keys() {
			by[k]++
		}
	}
}

func (k key) add(ctx context.Context, w *db.W, n int) error {
	sql := addCount
	if k.organisation == WholeRegion {
		sql = addRegionCount
	}
	if err := w.Soon(ctx, sql, k.organisation, k.region, k.wave, k.facts, n); err != nil {
		return fmt.Errorf("count accounts for the board: %w", err)
	}
	if n >= 0 {
		return nil
	}
	if err := w.Soon(ctx, dropNone, k.organisation, k.region, k.wave, k.facts); err != nil {
		return fmt.Errorf("drop count of none: %w", err)
	}
	return nil
}

const selectLine = `SELECT region, organisation, wave_id, facts, since_at FROM tally_account WHERE account_id = $1`

// Forget counts an account no longer, as a part of the Update that removes it.
func Forget(ctx context.Context, w *db.W, id string) error {
	lines, err := db.All(ctx, w, func(scan db.Scanner) (l Line, err error) {
		err = scan(&l.Region, &l.Organisation, &l.Wave, &l.Facts, db.At(&l.Since))
		return l, err
	}, selectLine, id)
	if err != nil {
		return fmt.Errorf("read as what account %s is counted: %w", id, err)
	}
	for _, was := range lines {
		if err := Put(ctx, w, []Change{{Account: id, Was: was}}); err != nil {
			return err
		}
	}
	return nil
}

// own is what the tally takes from an account itself. The index account_untallied has the same words.
const own = `CASE WHEN active AND NOT web_service_only THEN '1' ELSE '0' END || CASE WHEN shared THEN '1' ELSE '0' END
	|| CASE WHEN linked THEN '1' ELSE '0' END || CASE WHEN email_proved_at IS NULL THEN '0 ' ELSE '1 ' END
	|| organisation || ' ' || region`

// Untallied is that an account is of another sort than it is counted as, in the words of its index.
const Untallied = `CASE WHEN tallied = ` + own + ` THEN 0 ELSE 1 END = 1`

// Mark has accounts say that they are counted as they are, as a part of an Update.
func Mark(ctx context.Context, w *db.W, ids []string) error {
	var args db.Arguments
	_, err := w.Exec(ctx, `UPDATE account SET tallied = `+own+` WHERE `+Untallied+` AND id IN (`+
		db.AddEach(&args, ids)+`)`, args.List()...)
	if err != nil {
		return fmt.Errorf("mark accounts as counted: %w", err)
	}
	return nil
}

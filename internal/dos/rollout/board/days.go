package board

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account/tally"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
)

// DayJob is the job that keeps once a day how far everybody is.
type DayJob struct{}

// Kind names the job.
func (DayJob) Kind() string { return "board.day" }

// SweepJob is the job that forgets days and moves that are over.
type SweepJob struct{}

// Kind names the job.
func (SweepJob) Kind() string { return "board.sweep" }

const (
	lookEvery = time.Hour

	day = 24 * time.Hour
	// How long what is kept of a day stands: of regions and of single organisations.
	ofRegions       = 800 * day
	ofOrganisations = 40 * day
	// ofMoves is how long it stands who moved on or fell back.
	ofMoves = 180 * day
)

var sweeps = []db.Sweep{
	{Table: "rollout_day", Key: "day", Over: "over_at"},
	{Table: "rollout_day_count", Key: "organisation, region, wave_id, day", Over: "over_at"},
	{Table: "rollout_move", Key: "account_id, at", Over: "at", Keep: ofMoves},
}

// DayOf names the day of a moment, in London.
func DayOf(t time.Time) string { return t.In(clock.London).Format(time.DateOnly) }

// KeepDay keeps how far everybody is, the first time that it comes by on a day.
func KeepDay(ctx context.Context, d *db.DB) error {
	today := DayOf(d.Now())
	kept, err := db.Read(ctx, d, func(r db.R) (bool, error) {
		return db.Value[bool](ctx, r, `SELECT EXISTS (SELECT 1 FROM rollout_day WHERE day = $1)`, today)
	})
	if err != nil || kept {
		return err
	}
	for more := true; more; {
		if more, err = Keep(ctx, d); err != nil {
			return err
		}
	}
	counts, err := db.Read(ctx, d, func(r db.R) ([]report.Count, error) { return report.Counts(ctx, r) })
	if err != nil {
		return err
	}
	rows, err := dayRows(counts)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(rows, rowsInKeep) {
		if err := d.Keep(ctx, func(k *db.K) error { return putDay(ctx, k, today, some) }); err != nil {
			return err
		}
	}
	// The day stands once all of it does.
	return d.Keep(ctx, func(k *db.K) error {
		_, err := k.Exec(ctx, `INSERT INTO rollout_day (day, at, over_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
			today, k.Now(), k.Now().Add(ofRegions))
		return err
	})
}

// dayRow is how far the accounts of one wave at one place are.
type dayRow struct {
	organisation, region, wave string
	states                     map[planning.State]int
}

// dayRows adds up counts, which are in the order of their places.
func dayRows(counts []report.Count) (rows []dayRow, err error) {
	plans := newPlanner()
	for _, c := range counts {
		facts, err := report.FactsOf(c.Facts)
		if err != nil {
			return nil, err
		}
		last := len(rows) - 1
		if last < 0 || rows[last].organisation != c.Organisation || rows[last].region != c.Region ||
			rows[last].wave != c.Wave {
			rows = append(rows, dayRow{c.Organisation, c.Region, c.Wave, map[planning.State]int{}})
			last++
		}
		rows[last].states[plans.of(report.Group{Facts: facts}).State] += c.N
	}
	return rows, nil
}

const (
	rowsInKeep = 1000
	rowsAtOnce = 50
)

func putDay(ctx context.Context, k *db.K, today string, rows []dayRow) error {
	for some := range slices.Chunk(rows, rowsAtOnce) {
		var args db.Arguments
		var values []string
		for _, row := range some {
			over := k.Now().Add(ofOrganisations)
			if row.organisation == tally.WholeRegion {
				over = k.Now().Add(ofRegions)
			}
			var places []string
			for _, value := range []any{row.organisation, row.region, row.wave, today, row.states[planning.Moved],
				row.states[planning.Ready], row.states[planning.Unsure], row.states[planning.Blocked], over} {
				places = append(places, args.Add(value))
			}
			values = append(values, `(`+strings.Join(places, `, `)+`)`)
		}
		_, err := k.Exec(ctx, `INSERT INTO rollout_day_count (organisation, region, wave_id, day, moved, ready, unsure,
			blocked, over_at) VALUES `+strings.Join(values, `, `)+` ON CONFLICT (organisation, region, wave_id, day)
			DO UPDATE SET moved = excluded.moved, ready = excluded.ready, unsure = excluded.unsure,
			blocked = excluded.blocked`, args.List()...)
		if err != nil {
			return fmt.Errorf("keep how far everybody is today: %w", err)
		}
	}
	return nil
}

// shownDays is of how many days the trend is shown: those of which everything is kept.
const shownDays = 35

// Days lists the days of which it was kept how far the accounts that are meant were, of the last five weeks. A day that
// was missed is not there.
func Days(ctx context.Context, r db.R, s report.Selection) ([]report.Day, error) {
	return report.Days(ctx, r, s, DayOf(r.Now().Add(-shownDays*day)))
}

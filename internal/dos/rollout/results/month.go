package results

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/outcome"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/when"
)

// Month is a month of London.
type Month struct{ first time.Time }

// MonthOf gives the month of a time.
func MonthOf(t time.Time) Month {
	t = t.In(clock.London)
	return Month{time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, clock.London)}
}

// ParseMonth reads a month as 2026-11.
func ParseMonth(text string) (Month, bool) {
	t, err := time.ParseInLocation("2006-01", text, clock.London)
	return Month{t}, err == nil
}

// String gives the month as ParseMonth reads it.
func (m Month) String() string { return m.first.Format(time.DateOnly)[:len("2006-01")] }

// Title gives the month as people say it.
func (m Month) Title() string { return when.Month(m.first) }

// Add gives the month so many months later.
func (m Month) Add(months int) Month { return Month{m.first.AddDate(0, months, 0)} }

// Ends is when the month is over.
func (m Month) Ends() time.Time { return m.first.AddDate(0, 1, 0) }

// Over reports whether the month is over.
func (m Month) Over(now time.Time) bool { return !now.Before(m.Ends()) }

// Begun reports whether the month has begun.
func (m Month) Begun(now time.Time) bool { return !now.Before(m.first) }

// selection is all days of the month that have begun.
func (m Month) selection(within account.Reach, now time.Time) outcome.Selection {
	until := m.Ends()
	if tomorrow := outcome.DayOf(now).AddDate(0, 0, 1); tomorrow.Before(until) {
		until = tomorrow
	}
	return outcome.Selection{From: m.first, Until: until, Within: within}
}

// errNotKept answers whoever asks for a month of which nothing is kept that they could see.
var errNotKept = fault.SayCure(fault.NotFound, "Of this month there is nothing that you could see: it has still to "+
	"come, or what it is counted from is not kept any more.", "Choose a later month, or one that has begun.")

// OfMonth says what came of the move in a month: as it was told where it was told, for whoever sees all; and else as
// it is counted now.
func OfMonth(ctx context.Context, r db.R, m Month, within account.Reach) (Results, error) {
	if within.Everywhere {
		v, err := told(ctx, r, m)
		if err == nil || !errors.Is(err, fault.NotFound) {
			return v, err
		}
	}
	if !m.Begun(r.Now()) || m.first.Before(outcome.Earliest(within, r.Now())) {
		return Results{}, errNotKept
	}
	return Read(ctx, r, m.selection(within, r.Now()))
}

func told(ctx context.Context, r db.R, m Month) (v Results, err error) {
	text, err := db.Value[string](ctx, r, `SELECT results FROM rollout_month WHERE month = $1`, m.String())
	if err == nil {
		err = json.Unmarshal([]byte(text), &v)
	}
	if err != nil {
		return v, fmt.Errorf("read what was told of %s: %w", m, err)
	}
	return v, nil
}

// Rows are the results as a file has them: what is counted, of what, and how many.
func (v Results) Rows() (rows [][]string) {
	add := func(measure, of string, value any) {
		rows = append(rows, []string{measure, of, fmt.Sprint(value)})
	}
	add("first_day", "", v.From)
	add("last_day", "", v.Until)
	for _, one := range v.Logins {
		add("logins_came_in", one.Title, one.CameIn)
		add("logins_turned_away", one.Title, one.TurnedAway)
	}
	for _, one := range v.Reasons {
		add("turned_away_because", one.Title, one.Times)
	}
	for _, one := range v.Tickets {
		add("tickets", one.Wave, one.Tickets)
		add("people", one.Wave, one.People)
	}
	for _, one := range v.Categories {
		add("tickets_of_category", one.Category.Title(), one.Tickets)
	}
	for _, one := range v.Ready {
		add("linked_after_told", one.Wave, one.People)
		add("median_days_to_link", one.Wave, fmt.Sprintf("%.1f", one.Half))
		add("p90_days_to_link", one.Wave, fmt.Sprintf("%.1f", one.Late))
		add("linked_before_told", one.Wave, one.Untold)
	}
	add("lock_outs", "", v.LockOuts.Times)
	add("people_locked_out", "", v.LockOuts.People)
	return rows
}

// FileHead names the columns of Rows.
func FileHead() []string { return []string{"measure", "of", "value"} }

package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/records"
	"signpost/internal/platform/when"
)

// Calendar knows which days are bank holidays in England: those of every year, and the imported ones that were
// proclaimed or moved for one year. The zero Calendar knows only those of every year.
type Calendar struct {
	proclaimed map[string]Holiday // by day
	moved      map[string]bool    // days that are not bank holidays in their year
}

// Holiday is a bank holiday that was proclaimed for one year.
type Holiday struct {
	Name      string `json:"name"`
	InsteadOf string `json:"instead_of,omitempty"` // the yearly bank holiday that was moved to this day
}

// IsBankHoliday reports whether the date of t is a bank holiday.
func (c Calendar) IsBankHoliday(t time.Time) bool {
	t = t.In(clock.London)
	if len(c.proclaimed) > 0 {
		day := t.Format(time.DateOnly)
		if _, is := c.proclaimed[day]; is {
			return true
		}
		if c.moved[day] {
			return false
		}
	}
	year, month, date := t.Date()
	return slices.ContainsFunc(when.BankHolidays(year), time.Date(year, month, date, 0, 0, 0, 0, time.UTC).Equal)
}

// DayOf gives the day of the directory's week whose hours apply on the date of t: BankHoliday on a bank holiday,
// otherwise the weekday.
func (c Calendar) DayOf(t time.Time) Day {
	t = t.In(clock.London)
	if c.IsBankHoliday(t) {
		return BankHoliday
	}
	return (Day(t.Weekday()) + 6) % 7
}

const selectHolidays = `SELECT day, name, instead_of FROM bank_holiday`

func scanHoliday(scan db.Scanner) (h records.Record[Holiday], err error) {
	err = scan(&h.Key, &h.Value.Name, &h.Value.InsteadOf)
	return h, err
}

// ReadCalendar reads the bank holidays.
func ReadCalendar(ctx context.Context, r db.R) (Calendar, error) {
	c := Calendar{proclaimed: map[string]Holiday{}, moved: map[string]bool{}}
	list, err := db.All(ctx, r, scanHoliday, selectHolidays)
	if err != nil {
		return c, fmt.Errorf("read bank holidays: %w", err)
	}
	for _, h := range list {
		c.proclaimed[h.Key] = h.Value
		c.moved[h.Value.InsteadOf] = true
	}
	return c, nil
}

// ImportedHolidays gives imports the bank holidays that were proclaimed for one year, by day.
func ImportedHolidays() records.Table {
	t := records.TableOf(scanHoliday, selectHolidays, "day", "")
	t.Put = func(ctx context.Context, w *db.W, key, _, text string) error {
		var h Holiday
		if err := json.Unmarshal([]byte(text), &h); err != nil {
			return fmt.Errorf("record of %s: %w", key, err)
		}
		_, err := w.Exec(ctx, putHoliday, key, h.Name, h.InsteadOf)
		return err
	}
	t.Remove = func(ctx context.Context, w *db.W, key string) error {
		return w.Change(ctx, `DELETE FROM bank_holiday WHERE day = $1`, key)
	}
	return t
}

const putHoliday = `INSERT INTO bank_holiday (day, name, instead_of) VALUES ($1, $2, $3)
	ON CONFLICT (day) DO UPDATE SET name = $2, instead_of = $3`

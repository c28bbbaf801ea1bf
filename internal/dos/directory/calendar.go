package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
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
	return slices.ContainsFunc(bankHolidays(year), time.Date(year, month, date, 0, 0, 0, 0, time.UTC).Equal)
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

func scanHoliday(scan db.Scanner) (h record[Holiday], err error) {
	err = scan(&h.key, &h.value.Name, &h.value.InsteadOf)
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
		c.proclaimed[h.key] = h.value
		c.moved[h.value.InsteadOf] = true
	}
	return c, nil
}

// ImportedHolidays gives imports the bank holidays that were proclaimed for one year, by day.
func ImportedHolidays() Table {
	t := importTable(scanHoliday, selectHolidays, "day", "")
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

// bankHolidays lists the yearly bank holidays in England under the Banking and Financial Dealings Act 1971, with the
// substitute weekday where one falls on a weekend.
func bankHolidays(year int) []time.Time {
	on := func(month time.Month, date int) time.Time { return time.Date(year, month, date, 0, 0, 0, 0, time.UTC) }
	easter := easterSunday(year)
	christmas := on(time.December, 25)
	boxing := on(time.December, 26)
	switch christmas.Weekday() {
	case time.Friday:
		boxing = on(time.December, 28)
	case time.Saturday:
		christmas = on(time.December, 27)
		boxing = on(time.December, 28)
	case time.Sunday:
		christmas = on(time.December, 27)
	}
	return []time.Time{
		weekdayFrom(on(time.January, 1)), easter.AddDate(0, 0, -2), easter.AddDate(0, 0, 1),
		mondayFrom(on(time.May, 1)), mondayFrom(on(time.May, 25)), mondayFrom(on(time.August, 25)), christmas, boxing,
	}
}

// weekdayFrom gives the day itself, or the following Monday if the day falls on a weekend.
func weekdayFrom(day time.Time) time.Time {
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

func mondayFrom(day time.Time) time.Time {
	for day.Weekday() != time.Monday {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// easterSunday calculates the date of Easter in the Gregorian calendar (Meeus, Jones and Butcher). The letters
// are those of the published rule.
func easterSunday(year int) time.Time {
	a := year % 19
	b := year / 100
	c := year % 100
	d := b / 4
	e := b % 4
	g := (8*b + 13) / 25
	h := (19*a + b - d - g + 15) % 30
	i := c / 4
	k := c % 4
	l := (32 + 2*e + 2*i - h - k) % 7
	m := (a + 11*h + 22*l) / 451
	n := h + l - 7*m + 114
	return time.Date(year, time.Month(n/31), n%31+1, 0, 0, 0, 0, time.UTC)
}

package when

import (
	"slices"
	"time"

	"signpost/internal/platform/clock"
)

// WorkingDaysAfter gives the end of the last of so many working days in England after a moment: neither weekends nor
// the yearly bank holidays count, and the day of the moment itself does not.
func WorkingDaysAfter(at time.Time, days int) time.Time {
	year, month, date := at.In(clock.London).Date()
	day := time.Date(year, month, date, 0, 0, 0, 0, time.UTC)
	for days > 0 {
		day = day.AddDate(0, 0, 1)
		weekend := day.Weekday() == time.Saturday || day.Weekday() == time.Sunday
		if !weekend && !slices.ContainsFunc(BankHolidays(day.Year()), day.Equal) {
			days--
		}
	}
	year, month, date = day.Date()
	return time.Date(year, month, date+1, 0, 0, 0, 0, clock.London)
}

// WorkingDaysBefore gives the moment before which everything was begun of which so many working days are over at
// another moment: WorkingDaysAfter of what is earlier is not after that moment, and of what is not earlier it is.
func WorkingDaysBefore(at time.Time, days int) time.Time {
	year, month, date := at.In(clock.London).Date()
	for {
		begun := time.Date(year, month, date, 0, 0, 0, 0, clock.London)
		if !WorkingDaysAfter(begun, days).After(at) {
			return time.Date(year, month, date+1, 0, 0, 0, 0, clock.London)
		}
		date--
	}
}

// BankHolidays lists the yearly bank holidays in England under the Banking and Financial Dealings Act 1971, with the
// substitute weekday where one falls on a weekend. Each is midnight UTC of its date.
func BankHolidays(year int) []time.Time {
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

// Package when words dates and times for people, as the NHS writes them and in London, whatever zone a time comes in.
// No other package formats a time that people read, but the words of the login pages in other languages.
package when

import (
	"strconv"
	"strings"
	"time"

	"signpost/internal/platform/clock"
)

// Date words a day: 24 November 2026.
func Date(t time.Time) string { return t.In(clock.London).Format("2 January 2006") }

// LastDay gives the last day of what is over at a moment: the day before where that is a midnight.
func LastDay(over time.Time) string { return Date(over.Add(-time.Millisecond)) }

// dateLayouts are how people type a date.
var dateLayouts = []string{"2 1 2006", "2/1/2006", "2 January 2006", "2 Jan 2006"}

// ParseDate reads a date as people type it, such as 31 March 2027 or 31/3/2027: the beginning of that day in London.
// False is that it is none.
func ParseDate(text string) (time.Time, bool) {
	for _, layout := range dateLayouts {
		if at, err := time.ParseInLocation(layout, strings.TrimSpace(text), clock.London); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// Month gives a month in words, as November 2026.
func Month(t time.Time) string { return t.In(clock.London).Format("January 2006") }

// WeekdayAndDate words a day of this year: Tuesday 24 November.
func WeekdayAndDate(t time.Time) string { return t.In(clock.London).Format("Monday 2 January") }

// Weekday names the day of the week.
func Weekday(t time.Time) string { return t.In(clock.London).Weekday().String() }

// DateTime words a moment: 24 November 2026 at 9:30am.
func DateTime(t time.Time) string { return Date(t) + " at " + TimeOfDay(t) }

// DayOnly reports whether a moment is the very beginning of a day, as are those of which only the day was said.
func DayOnly(t time.Time) bool {
	local := t.In(clock.London)
	return local.Equal(time.Date(local.Year(), local.Month(), local.Day(), 0, 0, 0, 0, clock.London))
}

// DateOrTime words a moment, or the day where only that is known.
func DateOrTime(t time.Time) string {
	if DayOnly(t) {
		return Date(t)
	}
	return DateTime(t)
}

// TimeOfDay words a time of day: 9:30am, 3pm, midday, midnight.
func TimeOfDay(t time.Time) string {
	digits, part := Clock(t)
	switch part {
	case Midnight:
		return "midnight"
	case Midday:
		return "midday"
	case Morning:
		return digits + "am"
	default:
		return digits + "pm"
	}
}

// In24Hours words a time of day by the clock of 24 hours, as the notes of calls have it: 05:46.
func In24Hours(t time.Time) string { return t.In(clock.London).Format("15:04") }

// Minute words a time of day that is kept as minutes after midnight, on no day of any year.
func Minute(minute int) string {
	return TimeOfDay(time.Date(2026, time.January, 1, 0, minute, 0, 0, clock.London))
}

// Part is a part of the day.
type Part int

// The parts of the day.
const (
	Midnight Part = iota // 12 at night, to the minute
	Morning
	Midday // 12 noon, to the minute
	Afternoon
)

// Clock gives the digits of a time on a clock of 12 hours, such as 9:30 or 3, and the part of the day.
func Clock(t time.Time) (digits string, part Part) {
	t = t.In(clock.London)
	digits = strings.TrimSuffix(t.Format("3:04"), ":00")
	switch {
	case t.Hour() == 0 && t.Minute() == 0:
		return digits, Midnight
	case t.Hour() == 12 && t.Minute() == 0:
		return digits, Midday
	case t.Hour() < 12:
		return digits, Morning
	}
	return digits, Afternoon
}

// Ago words how long ago t was: 1 minute ago, 3 hours ago, 2 days ago.
func Ago(t, now time.Time) string {
	switch past := now.Sub(t); {
	case past < time.Minute:
		return "less than a minute ago"
	case past < time.Hour:
		return count(past, time.Minute, "minute")
	case past < 48*time.Hour:
		return count(past, time.Hour, "hour")
	default:
		return count(past, 24*time.Hour, "day")
	}
}

func count(past, unit time.Duration, noun string) string {
	n := int(past / unit)
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun + " ago"
}

package web

import (
	"strconv"
	"strings"
	"time"

	"signpost/internal/platform/clock"
)

// Date words a day as the NHS writes it: 24 November 2026.
func Date(t time.Time) string { return t.In(clock.London).Format("2 January 2006") }

// DateTime words a moment as the NHS writes it: 24 November 2026 at 9.30am.
func DateTime(t time.Time) string { return Date(t) + " at " + TimeOfDay(t) }

// TimeOfDay words a time of day as the NHS writes it: 9.30am, 3pm, midday, midnight.
func TimeOfDay(t time.Time) string {
	t = t.In(clock.London)
	switch {
	case t.Hour() == 0 && t.Minute() == 0:
		return "midnight"
	case t.Hour() == 12 && t.Minute() == 0:
		return "midday"
	}
	return strings.Replace(t.Format("3.04pm"), ".00", "", 1)
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

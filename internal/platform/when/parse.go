package when

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"signpost/internal/platform/clock"
)

var timeForm = regexp.MustCompile(`^(\d{1,2})(?:[:.]?(\d{2}))?(?::00)?\s*(am|pm)?$`)

// The clocks by which a time of day is written. "Midday" is written by neither.
const (
	Hours12 = 1
	Hours24 = 2
)

// ParseTime reads a time of day in minutes, and says which clock it was written by.
func ParseTime(text string) (minute, clock int, isTime bool) {
	text = strings.ToLower(text)
	switch text {
	case "midnight":
		return 0, 0, true
	case "midday", "noon":
		return 12 * 60, 0, true
	}
	m := timeForm.FindStringSubmatch(text)
	if m == nil {
		return 0, 0, false
	}
	hour, _ := strconv.Atoi(m[1]) // the pattern lets digits through only
	minute, _ = strconv.Atoi(m[2])
	clock = Hours24
	if m[3] != "" {
		clock = Hours12
	}
	if minute > 59 || hour > 24 || hour == 24 && minute > 0 || clock == Hours12 && (hour < 1 || hour > 12) {
		return 0, 0, false
	}
	if clock == Hours12 {
		hour %= 12
		if m[3] == "pm" {
			hour += 12
		}
	}
	return hour*60 + minute, clock, true
}

// Moment reads a date and a time of day as people type them, in London. False is that one of them is none.
func Moment(date, timeOfDay string) (at time.Time, isDate, isTime bool) {
	day, isDate := ParseDate(date)
	minute, _, isTime := ParseTime(strings.TrimSpace(timeOfDay))
	local := day.In(clock.London)
	return time.Date(local.Year(), local.Month(), local.Day(), 0, minute, 0, 0, clock.London), isDate, isTime
}

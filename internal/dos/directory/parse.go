package directory

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"signpost/internal/platform/fault"
)

var (
	between     = regexp.MustCompile(`[,;&/]|\band\b`)
	sessionForm = regexp.MustCompile(`^(.+?)\s*(?:-|–|—|\bto\b|\buntil\b)\s*(.+)$`)
	timeForm    = regexp.MustCompile(`^(\d{1,2})(?:[:.]?(\d{2}))?(?::00)?\s*(am|pm)?$`)
)

// notKnownWords are the texts that people write for hours that are not known.
const notKnownWords = "not known"

// allDay is the text of a day that is open from midnight to midnight.
const allDay = "24 hours"

// wholeDays are the texts for a whole day's hours, without times.
var wholeDays = map[string][]Session{
	"": nil, "closed": nil, notKnownWords: NotKnown(), "null": NotKnown(), allDay: {{0, midnight}},
}

// ParseDay reads one day's hours as people write them: 09:00-13:00,14:00-18:00 or 9am to 1pm and 2pm to
// 6pm. "Closed" and an empty text mean closed. An end at midnight, 23:59, 00:00 or 24:00 is the end of the day.
// Sessions must not overlap; they are returned in order. An error is a fault of the field "hours", which the caller
// replaces with its own field, and says what to write instead.
func ParseDay(text string) ([]Session, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if whole, is := wholeDays[text]; is {
		return slices.Clone(whole), nil
	}
	var day []Session
	for _, part := range between.Split(text, -1) {
		s, err := parseSession(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		day = append(day, s)
	}
	slices.SortFunc(day, func(a, b Session) int { return a.From - b.From })
	for i, s := range day {
		if i > 0 && s.From < day[i-1].To {
			return nil, hoursFault("%s begins before %s ends", FormatDay(day[i:i+1]), FormatDay(day[i-1:i]))
		}
	}
	return day, nil
}

func hoursFault(format string, args ...any) error {
	return fault.OfField("hours", fmt.Sprintf(format, args...))
}

// lastMinute is 23:59, which systems write that have no time for the end of a day.
const lastMinute = midnight - 1

func parseSession(text string) (Session, error) {
	m := sessionForm.FindStringSubmatch(text)
	if m == nil {
		return Session{}, hoursFault("Write %q as an opening and a closing time, like 9am to 1pm, with a comma "+
			"between two sessions", text)
	}
	from, fromClock, err := parseTime(m[1])
	if err != nil {
		return Session{}, err
	}
	to, toClock, err := parseTime(m[2])
	if err != nil {
		return Session{}, err
	}
	if from == 0 && to == 0 { // in the national directory it means closed, in other systems open all day
		return Session{}, hoursFault("%q means closed to some and open all day to others. Write closed, or "+
			"24 hours", text)
	}
	if (to == 0 || to == lastMinute) && from != to {
		to = midnight
	}
	switch {
	case fromClock+toClock == hours12+hours24 && from != 0 && to != midnight: // 1 to 5pm: which 1 is meant?
		return Session{}, hoursFault("Write am or pm with both times in %q, or with neither", text)
	case from >= to:
		return Session{}, hoursFault("%q ends before it begins. For hours past midnight, end at midnight and start "+
			"the next day at midnight", text)
	}
	return Session{From: from, To: to}, nil
}

// A time of day is written by the 12-hour or the 24-hour clock, or by neither, such as "midday".
const (
	hours12 = 1
	hours24 = 2
)

// parseTime reads a time of day in minutes, and says which clock it was written by.
func parseTime(text string) (minute, clock int, err error) {
	switch text {
	case "midnight":
		return 0, 0, nil
	case "midday", "noon":
		return midnight / 2, 0, nil
	}
	m := timeForm.FindStringSubmatch(text)
	if m == nil {
		return 0, 0, hoursFault("%q is not a time of day. Write it like 9am or 09:00, with a comma "+
			"between two sessions", text)
	}
	hour, _ := strconv.Atoi(m[1]) // the pattern lets digits through only
	minute, _ = strconv.Atoi(m[2])
	clock = hours24
	if m[3] != "" {
		clock = hours12
	}
	if minute > 59 || hour > 24 || hour == 24 && minute > 0 || clock == hours12 && (hour < 1 || hour > 12) {
		return 0, 0, hoursFault("%q is not a time of day. Write it like 9am or 09:00", text)
	}
	if clock == hours12 {
		hour %= 12
		if m[3] == "pm" {
			hour += 12
		}
	}
	return hour*60 + minute, clock, nil
}

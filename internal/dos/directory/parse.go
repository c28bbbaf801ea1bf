package directory

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/when"
)

var (
	between     = regexp.MustCompile(`(?i)[,;&/]|\band\b`)
	sessionForm = regexp.MustCompile(`(?i)^(.+?)\s*(?:-|–|—|\bto\b|\buntil\b)\s*(.+)$`)
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
// replaces with its own field. It quotes the whole text as it was written, and says what to write instead.
func ParseDay(text string) ([]Session, error) {
	if whole, is := wholeDays[strings.ToLower(strings.TrimSpace(text))]; is {
		return slices.Clone(whole), nil
	}
	day, problem := parseSessions(text)
	if problem != "" {
		return nil, fault.OfField("hours", fault.Quoted(text)+problem)
	}
	return day, nil
}

// What can be wrong with the hours of a day, after the words "what was written".
const (
	noSessions = " is not an opening and a closing time. Write them like 9am to 1pm, with a comma between two " +
		"sessions; or write closed, 24 hours or not known"
	noTime = " has %q where a time of day belongs. Write times like 9am or 09:00, with a comma between two " +
		"sessions"
	twoMeanings = " means closed to some and open all day to others. Write closed, or 24 hours"
	twoClocks   = " has am or pm with one time only. Write it with both times, or with neither"
	noLength    = " begins and ends at the same time. Write when it closes; or write closed, or 24 hours"
	backwards   = " ends before it begins. Write afternoon times with pm or by the 24-hour clock. For hours past " +
		"midnight, end at midnight and start the next day at midnight"
	overlap = " has sessions that overlap: %q begins before %q ends. Write one session for both, or mend their times"
)

// parseSessions reads the sessions of a day, in order, or says what is wrong with them.
func parseSessions(text string) (day []Session, problem string) {
	for _, part := range between.Split(text, -1) {
		s, problem := parseSession(strings.TrimSpace(part))
		if problem != "" {
			return nil, problem
		}
		day = append(day, s)
	}
	slices.SortFunc(day, func(a, b Session) int { return a.From - b.From })
	for i, s := range day {
		if i > 0 && s.From < day[i-1].To {
			return nil, fmt.Sprintf(overlap, FormatDay(day[i:i+1]), FormatDay(day[i-1:i]))
		}
	}
	return day, ""
}

// lastMinute is 23:59, which systems write that have no time for the end of a day.
const lastMinute = midnight - 1

func parseSession(text string) (s Session, problem string) {
	m := sessionForm.FindStringSubmatch(text)
	if m == nil {
		return s, noSessions
	}
	from, fromClock, isTime := when.ParseTime(m[1])
	if !isTime {
		return s, fmt.Sprintf(noTime, m[1])
	}
	to, toClock, isTime := when.ParseTime(m[2])
	if !isTime {
		return s, fmt.Sprintf(noTime, m[2])
	}
	if from == 0 && to == 0 { // in the national directory it means closed, in other systems open all day
		return s, twoMeanings
	}
	if (to == 0 || to == lastMinute) && from != to {
		to = midnight
	}
	switch {
	case fromClock+toClock == when.Hours12+when.Hours24 && from != 0 && to != midnight: // 1 to 5pm: which 1 is meant?
		return s, twoClocks
	case from == to:
		return s, noLength
	case from > to:
		return s, backwards
	}
	return Session{From: from, To: to}, ""
}

package directory

import (
	"fmt"
	"slices"
	"strings"

	"signpost/internal/platform/when"
)

// Session is one period of a day in which a service is open, in minutes after midnight. It does not cross
// midnight: a night is a session to 1440 and one from 0.
type Session struct{ From, To int }

// midnight is the end of a day in minutes.
const midnight = 24 * 60

// Day is a day of the directory's week: Monday first, and bank holidays as an eighth day.
type Day int

// The days.
const (
	Monday Day = iota
	Tuesday
	Wednesday
	Thursday
	Friday
	Saturday
	Sunday
	BankHoliday
)

// DayNames are the names of the days for pages and messages.
var DayNames = [8]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Bank holidays"}

// Week holds the sessions of each day. A day without sessions is closed; a day whose hours are not known holds the
// value of NotKnown.
type Week [8][]Session

// noSession marks a day whose hours are not known. It contains no minute.
var noSession = Session{From: -1, To: -1}

// NotKnown gives the value of a day whose hours are not known.
func NotKnown() []Session { return []Session{noSession} }

// IsNotKnown reports whether the hours of a day are not known.
func IsNotKnown(day []Session) bool { return slices.Contains(day, noSession) }

// FormatDay writes a day's hours for people, in a form that ParseDay reads: 9am to 1pm, 2pm to 5:30pm. A closed day
// is empty.
func FormatDay(day []Session) string {
	if IsNotKnown(day) {
		return notKnownWords
	}
	if slices.Equal(day, wholeDays[allDay]) {
		return allDay
	}
	parts := make([]string, 0, len(day))
	for _, s := range day {
		parts = append(parts, when.Minute(s.From)+" to "+when.Minute(s.To))
	}
	return strings.Join(parts, ", ")
}

// Known reports whether any day has hours. A week without any means that the hours are not known.
func (w Week) Known() bool {
	return slices.ContainsFunc(w[:], func(day []Session) bool { return len(day) > 0 && !IsNotKnown(day) })
}

// String writes the week as it is stored: eight days with bars between them, or nothing if no hours are known.
func (w Week) String() string {
	if !w.Known() {
		return ""
	}
	parts := make([]string, len(w))
	for i, day := range w {
		parts[i] = storeDay(day)
	}
	return strings.Join(parts, "|")
}

// storeDay writes a day as storedDay reads it: 09:00-13:00,14:00-17:30.
func storeDay(day []Session) string {
	if IsNotKnown(day) {
		return storedNotKnown
	}
	parts := make([]string, 0, len(day))
	for _, s := range day {
		parts = append(parts, clockTime(s.From)+"-"+clockTime(s.To))
	}
	return strings.Join(parts, ",")
}

func clockTime(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60, minute%60) }

// ParseWeek reads a week that String wrote.
func ParseWeek(text string) (w Week, err error) {
	if text == "" {
		return w, nil
	}
	if days := strings.Count(text, "|") + 1; days != len(w) {
		return w, fmt.Errorf("hours of %d days, not %d", days, len(w))
	}
	// A search reads a great many weeks, so all the sessions of one share their memory.
	sessions := make([]Session, 0, strings.Count(text, "-")+strings.Count(text, storedNotKnown))
	for i := range w {
		var day string
		day, text, _ = strings.Cut(text, "|")
		begin := len(sessions)
		if sessions, err = appendStoredDay(sessions, day); err != nil {
			return w, fmt.Errorf("%s: %w", DayNames[i], err)
		}
		if end := len(sessions); end > begin {
			w[i] = sessions[begin:end:end]
		}
	}
	return w, nil
}

// storedNotKnown is the stored text of a day whose hours are not known.
const storedNotKnown = "?"

// appendStoredDay reads a day that String wrote, and no other form.
func appendStoredDay(sessions []Session, text string) ([]Session, error) {
	switch text {
	case "":
		return sessions, nil
	case storedNotKnown:
		return append(sessions, noSession), nil
	}
	for part := range strings.SplitSeq(text, ",") {
		from, to, ok := strings.Cut(part, "-")
		s := Session{From: storedTime(from), To: storedTime(to)}
		if !ok || s.From < 0 || s.To <= s.From || s.To > midnight {
			return nil, fmt.Errorf("%q is not in the form in which hours are stored", part)
		}
		sessions = append(sessions, s)
	}
	return sessions, nil
}

// storedTime reads 09:30 as minutes; anything else gives -1.
func storedTime(text string) int {
	if len(text) != len("00:00") || text[2] != ':' {
		return -1
	}
	minute := 0
	for _, at := range []struct{ digit, worth int }{{0, 600}, {1, 60}, {3, 10}, {4, 1}} {
		digit := text[at.digit]
		if digit < '0' || digit > '9' {
			return -1
		}
		minute += int(digit-'0') * at.worth
	}
	return minute
}

package directory

import (
	"fmt"
	"slices"
	"strings"
)

// Session is one stretch of being open on a day, in minutes after midnight. It does not cross midnight:
// a night is a session to 1440 and one from 0.
type Session struct{ From, To int }

// midnight is the end of a day, in minutes after its beginning.
const midnight = 24 * 60

// Day is a day of the week as the directory counts them, Monday first, with bank holidays as an eighth.
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

// DayNames are the days as people read them.
var DayNames = [8]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "Bank holidays"}

// Week is the sessions of each day.
type Week [8][]Session

// FormatDay writes a day's hours as ParseDay reads them; nothing for closed.
func FormatDay(day []Session) string {
	parts := make([]string, 0, len(day))
	for _, s := range day {
		parts = append(parts, clockTime(s.From)+"-"+clockTime(s.To))
	}
	return strings.Join(parts, ",")
}

func clockTime(minute int) string { return fmt.Sprintf("%02d:%02d", minute/60%24, minute%60) }

// Known reports whether any day has hours; a week without is one that nobody has told us.
func (w Week) Known() bool {
	return slices.ContainsFunc(w[:], func(day []Session) bool { return len(day) > 0 })
}

// String writes the week for keeping: eight days with a bar between, or nothing where none are known.
func (w Week) String() string {
	if !w.Known() {
		return ""
	}
	parts := make([]string, len(w))
	for i, day := range w {
		parts[i] = FormatDay(day)
	}
	return strings.Join(parts, "|")
}

// ParseWeek reads what String wrote.
func ParseWeek(text string) (w Week, err error) {
	if text == "" {
		return w, nil
	}
	parts := strings.Split(text, "|")
	if len(parts) != len(w) {
		return w, fmt.Errorf("hours of %d days, not %d", len(parts), len(w))
	}
	for i, part := range parts {
		if w[i], err = keptDay(part); err != nil {
			return w, fmt.Errorf("%s: %w", DayNames[i], err)
		}
	}
	return w, nil
}

// keptDay reads what FormatDay wrote. Searches read a great many, so it knows that one form only.
func keptDay(text string) (day []Session, err error) {
	if text == "" {
		return nil, nil
	}
	for part := range strings.SplitSeq(text, ",") {
		from, to, ok := strings.Cut(part, "-")
		s := Session{From: keptTime(from), To: keptTime(to)}
		if s.To == 0 {
			s.To = midnight
		}
		if !ok || s.From < 0 || s.To <= s.From || s.To > midnight {
			return nil, fmt.Errorf("%q is not hours as they are kept", part)
		}
		day = append(day, s)
	}
	return day, nil
}

// keptTime reads 09:30 as minutes; anything else is -1.
func keptTime(text string) int {
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

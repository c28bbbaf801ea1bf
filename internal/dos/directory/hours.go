package directory

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"signpost/internal/platform/clock"
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

var sessionForm = regexp.MustCompile(`^(\d{1,2}):(\d{2})\s*(?:-|–|to)\s*(\d{1,2}):(\d{2})$`)

// ParseDay reads one day's hours, as "09:00-13:00,14:00-18:00"; CLOSED or nothing is closed. An end at
// 00:00 is midnight. Sessions come in order and do not overlap.
func ParseDay(text string) ([]Session, error) {
	text = strings.TrimSpace(text)
	if text == "" || strings.EqualFold(text, "closed") {
		return nil, nil
	}
	var day []Session
	for part := range strings.SplitSeq(text, ",") {
		s, err := parseSession(strings.TrimSpace(part))
		if err != nil {
			return nil, err
		}
		if len(day) > 0 && s.From < day[len(day)-1].To {
			return nil, fmt.Errorf("%q begins before the hours in front of it end", strings.TrimSpace(part))
		}
		day = append(day, s)
	}
	return day, nil
}

func parseSession(text string) (Session, error) {
	m := sessionForm.FindStringSubmatch(text)
	if m == nil {
		return Session{}, fmt.Errorf("%q is not a time from and a time to, like 09:00-13:00, with a comma between two of them", text)
	}
	from, err := minutes(m[1], m[2])
	if err != nil {
		return Session{}, err
	}
	to, err := minutes(m[3], m[4])
	if err != nil {
		return Session{}, err
	}
	if to == 0 {
		to = midnight
	}
	if from >= to {
		return Session{}, fmt.Errorf("%q ends before it begins: write a night as hours to 00:00 and, on the next day, hours from 00:00", text)
	}
	return Session{From: from, To: to}, nil
}

func minutes(hour, minute string) (int, error) {
	h, _ := strconv.Atoi(hour) // the pattern lets digits through only
	m, _ := strconv.Atoi(minute)
	if h > 24 || m > 59 || h == 24 && m > 0 {
		return 0, fmt.Errorf("%s:%s is not a time of day", hour, minute)
	}
	return h*60 + m, nil
}

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
	parts := strings.Split(text, "|")
	if text == "" {
		return w, nil
	}
	if len(parts) != len(w) {
		return w, fmt.Errorf("hours of %d days, not %d", len(parts), len(w))
	}
	for i, part := range parts {
		if w[i], err = ParseDay(part); err != nil {
			return w, fmt.Errorf("%s: %w", DayNames[i], err)
		}
	}
	return w, nil
}

// DayOf says whose hours hold on the day of t: those of bank holidays on one, else its weekday's.
func DayOf(t time.Time) Day {
	t = t.In(clock.London)
	if IsBankHoliday(t) {
		return BankHoliday
	}
	return (Day(t.Weekday()) + 6) % 7
}

// Opening is whether something is open, and when that changes next.
type Opening struct {
	Open  bool
	Until time.Time // the end of being open, or when it opens next; zero if that is not within 8 days
}

// At says whether hours are open at t. Always open comes before bank holidays, and those before the week.
func (w Week) At(allHours bool, t time.Time) Opening {
	if allHours {
		return Opening{Open: true}
	}
	t = t.In(clock.London)
	for ahead := range 9 {
		day := time.Date(t.Year(), t.Month(), t.Day()+ahead, 0, 0, 0, 0, clock.London)
		for _, s := range w[DayOf(day)] {
			from, to := onDay(day, s.From), onDay(day, s.To)
			if !t.Before(from) && t.Before(to) {
				return Opening{Open: true, Until: w.through(to)}
			}
			if t.Before(from) {
				return Opening{Until: from}
			}
		}
	}
	return Opening{}
}

// through follows being open over midnight into hours that begin there.
func (w Week) through(to time.Time) time.Time {
	for range 8 {
		if to.Hour() != 0 || to.Minute() != 0 {
			return to
		}
		next := w[DayOf(to)]
		if len(next) == 0 || next[0].From != 0 {
			return to
		}
		to = onDay(to, next[0].To)
	}
	return to
}

// onDay is a time of day by the clock on the wall, also where summer time begins or ends.
func onDay(day time.Time, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), minute/60, minute%60, 0, 0, clock.London)
}

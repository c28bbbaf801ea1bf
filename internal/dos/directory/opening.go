package directory

import (
	"slices"
	"time"

	"signpost/internal/platform/clock"
)

// DayOf gives the day of the directory's week whose hours apply on the date of t: BankHoliday on a bank holiday,
// otherwise the weekday.
func DayOf(t time.Time) Day {
	t = t.In(clock.London)
	if IsBankHoliday(t) {
		return BankHoliday
	}
	return (Day(t.Weekday()) + 6) % 7
}

// Opening says whether a service is open and when that changes next.
type Opening struct {
	Open  bool
	Until time.Time // when it closes, or opens next; zero if that is not within the week
}

// At says whether a service with these hours is open at t. allHours overrides bank holidays, and they override
// the weekday.
func (w Week) At(allHours bool, t time.Time) Opening {
	if allHours {
		return Opening{Open: true}
	}
	t = t.In(clock.London)
	for ahead := range 9 {
		day := time.Date(t.Year(), t.Month(), t.Day()+ahead, 0, 0, 0, 0, clock.London)
		for _, s := range w[DayOf(day)] {
			from := onDay(day, s.From)
			to := onDay(day, s.To)
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

// through gives the time at which sessions that follow one another without a gap end, past midnight too. It gives
// the zero time if they go on for more than a week.
func (w Week) through(to time.Time) time.Time {
	last := to.AddDate(0, 0, 7)
	for to.Before(last) {
		minute := to.Hour()*60 + to.Minute()
		next := slices.IndexFunc(w[DayOf(to)], func(s Session) bool { return s.From == minute })
		if next < 0 {
			return to
		}
		to = onDay(to, w[DayOf(to)][next].To)
	}
	return time.Time{}
}

// onDay gives a time of day by the clock on the wall, also on days when summer time begins or ends.
func onDay(day time.Time, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), minute/60, minute%60, 0, 0, clock.London)
}

package directory

import (
	"slices"
	"time"

	"signpost/internal/platform/clock"
)

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
	Until time.Time // the end of being open, or when it opens next; zero if that is not within the week
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

// through follows being open into hours that begin where others end, over midnight too. It gives the zero
// time where that goes on for longer than a week.
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

// onDay is a time of day by the clock on the wall, also where summer time begins or ends.
func onDay(day time.Time, minute int) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), minute/60, minute%60, 0, 0, clock.London)
}

package directory

import (
	"slices"
	"time"

	"signpost/internal/platform/clock"
)

// Opening says whether a service is open and when that changes next.
type Opening struct {
	Open     bool
	NotKnown bool      // the hours of the day are not known
	Day      Day       // of the directory's week, whose hours apply
	Until    time.Time // when it closes, or opens next; zero if that is not within the week
	// Unsure is set while it is closed: the beginning of the first day before Until whose hours are not known, on
	// which it may open. It is zero if there is none.
	Unsure time.Time
}

// Moment is a time and the days from it on. It answers for many services whether they are open.
type Moment struct {
	now      time.Time
	days     [9]dayAhead // from today
	calendar Calendar
}

// dayAhead is a date, and the day of the directory's week whose hours apply on it.
type dayAhead struct {
	date time.Time
	day  Day
}

// Moment prepares a time for questions about many services.
func (c Calendar) Moment(t time.Time) *Moment {
	m := &Moment{now: t.In(clock.London), calendar: c}
	for ahead := range m.days {
		date := time.Date(m.now.Year(), m.now.Month(), m.now.Day()+ahead, 0, 0, 0, 0, clock.London)
		m.days[ahead] = dayAhead{date: date, day: c.DayOf(date)}
	}
	return m
}

// dayOf gives the day of the directory's week whose hours apply on the date of t.
func (m *Moment) dayOf(t time.Time) Day {
	for _, ahead := range m.days {
		if t.YearDay() == ahead.date.YearDay() && t.Year() == ahead.date.Year() {
			return ahead.day
		}
	}
	return m.calendar.DayOf(t)
}

// At says whether a service with these hours is open at t.
func (w Week) At(c Calendar, allHours bool, t time.Time) Opening {
	return c.Moment(t).Opening(&w, allHours)
}

// Opening says whether a service with the hours of a week is open. allHours overrides bank holidays, and they override
// the weekday.
func (m *Moment) Opening(w *Week, allHours bool) Opening {
	now := Opening{Day: m.days[0].day}
	switch {
	case allHours:
		now.Open = true
		return now
	case !w.Known() || IsNotKnown(w[now.Day]):
		now.NotKnown = true
		return now
	}
	for _, ahead := range m.days {
		sessions := w[ahead.day]
		if IsNotKnown(sessions) {
			if now.Unsure.IsZero() {
				now.Unsure = ahead.date
			}
			continue
		}
		for _, s := range sessions {
			switch from, to := s.on(ahead.date); {
			case !m.now.Before(from) && m.now.Before(to):
				return Opening{Open: true, Day: now.Day, Until: m.through(w, to)}
			case m.now.Before(from) && from.Before(to):
				now.Until = from
				return now
			}
		}
	}
	return now
}

// through gives the time at which sessions that follow one another without a gap end, past midnight too. It gives
// the zero time if they go on for more than a week.
func (m *Moment) through(w *Week, to time.Time) time.Time {
	last := to.AddDate(0, 0, 7)
	for to.Before(last) {
		day := w[m.dayOf(to)]
		next := slices.IndexFunc(day, func(s Session) bool {
			from, end := s.on(to)
			return from.Equal(to) && from.Before(end)
		})
		if next < 0 || IsNotKnown(day) {
			return to
		}
		_, to = day[next].on(to)
	}
	return time.Time{}
}

// on gives the times at which a session begins and ends on a day. If the clock goes forward past the whole session,
// both times are the same, and the session has no length that night.
func (s Session) on(day time.Time) (from, to time.Time) {
	return onDay(day, s.From), onDay(day, s.To)
}

// onDay gives a time of day by the clock on the wall, also on days when summer time begins or ends: a time that
// the clock passes over is the moment when it goes forward, and one that comes twice is the first of the two.
func onDay(day time.Time, minute int) time.Time {
	at := time.Date(day.Year(), day.Month(), day.Day(), minute/60, minute%60, 0, 0, clock.London)
	if earlier := at.Add(-time.Hour); earlier.Hour() == at.Hour() {
		return earlier
	}
	if at.Hour() != minute/60%24 {
		forward, _ := at.ZoneBounds()
		return forward.In(clock.London)
	}
	return at
}

package ticket

import (
	"time"

	"signpost/internal/dos/directory"
	"signpost/internal/platform/clock"
)

// Hours are the office hours of the desk, from Monday to Friday but for bank holidays, since midnight in London.
type Hours struct{ From, To time.Duration }

// OfficeHours are those of a desk that says no others.
var OfficeHours = Hours{From: 8 * time.Hour, To: 18 * time.Hour}

// maxDays is how many days ahead, or back, office hours are looked for.
const maxDays = 3650

// each calls fn for the office hours of each working day from a moment on, until it is done.
func (h Hours) each(from time.Time, c directory.Calendar, fn func(opens, closes time.Time) (done bool)) {
	year, month, date := from.In(clock.London).Date()
	for n := range maxDays {
		noon := time.Date(year, month, date+n, 12, 0, 0, 0, clock.London)
		if day := noon.Weekday(); day == time.Saturday || day == time.Sunday || c.IsBankHoliday(noon) {
			continue
		}
		opens := time.Date(year, month, date+n, 0, int(h.From.Minutes()), 0, 0, clock.London)
		closes := time.Date(year, month, date+n, 0, int(h.To.Minutes()), 0, 0, clock.London)
		if !closes.After(from) {
			continue
		}
		if opens.Before(from) {
			opens = from
		}
		if fn(opens, closes) {
			return
		}
	}
}

// After gives the moment when an amount of office hours has passed since another.
func (h Hours) After(from time.Time, work time.Duration, c directory.Calendar) (due time.Time) {
	h.each(from, c, func(opens, closes time.Time) bool {
		if work <= closes.Sub(opens) {
			due = opens.Add(work)
			return true
		}
		work -= closes.Sub(opens)
		return false
	})
	return due
}

// Between gives how many office hours lie between two moments.
func (h Hours) Between(from, to time.Time, c directory.Calendar) (work time.Duration) {
	h.each(from, c, func(opens, closes time.Time) bool {
		if !opens.Before(to) {
			return true
		}
		if closes.After(to) {
			closes = to
		}
		work += closes.Sub(opens)
		return false
	})
	return work
}

// turn puts a ticket into another state, and its clock with it: while it waits for its person, and when it is over,
// the clock stands still.
func (h Hours) turn(t Ticket, to State, now time.Time, c directory.Calendar) Ticket {
	running := !t.Due.IsZero()
	runs := to == New || to == Open
	if running && !runs {
		t.Left = h.Between(now, t.Due, c)
		t.Due = time.Time{}
	}
	if !running && runs {
		t.Due = h.After(now, t.Left, c)
	}
	t.State = to
	return t
}

// hasten gives a ticket another priority. What has gone of its time counts in the new one.
func (h Hours) hasten(t Ticket, p Priority, now time.Time, c directory.Calendar) Ticket {
	left := t.Left
	if !t.Due.IsZero() {
		left = h.Between(now, t.Due, c)
	}
	gone := t.Priority.within() - left
	t.Priority = p
	t.Left = max(0, p.within()-gone)
	if !t.Due.IsZero() {
		t.Due = h.After(now, t.Left, c)
	}
	return t
}

// hastenedBy gives a ticket the priority of another one that goes on in it, if that is higher.
func (t Ticket) hastenedBy(other Ticket) Ticket {
	if !other.State.Over() {
		t.Priority = min(t.Priority, other.Priority)
	}
	return t
}

// bring gives a ticket the state and the due time of another one that goes on in it, as far as that one has to be dealt
// with more than it, or sooner.
func (h Hours) bring(kept, t Ticket, now time.Time, c directory.Calendar) Ticket {
	running := !kept.Due.IsZero()
	switch {
	case t.State.Over():
	case t.Due.IsZero() && !running:
		kept.State = Waiting
		kept.Left = min(kept.Left, t.Left)
	case !t.Due.IsZero():
		if !running {
			kept = h.turn(kept, Open, now, c)
		}
		if t.Due.Before(kept.Due) {
			kept.Due = t.Due
		}
	}
	return kept
}

// asMerged gives a merged ticket as it was when it was merged, since when its clock stands still.
func (h Hours) asMerged(t Ticket, c directory.Calendar) Ticket {
	t.State = t.before
	if t.State == New || t.State == Open {
		t.Due = h.After(t.Changed, t.Left, c)
	}
	return t
}

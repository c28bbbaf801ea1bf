// Package outlook says when those who wait for a registration authority will be ready, from what it was asked for and
// decided in the last weeks, and how good that was for those who are ready by now. It is pure.
package outlook

import (
	"slices"
	"strconv"
	"time"

	"signpost/internal/careid/request"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/forecast"
)

const (
	week   = 7
	days   = 8 * week // of work on which a forecast rests
	looked = 4 * week // days whose decisions are held against what would have been said
	// Before is how long before now the courses begin that New needs.
	Before = (days + looked + 1) * 24 * time.Hour

	maxLooked = 60   // decisions that are held against what would have been said
	maxAhead  = 1000 // who waits before somebody: with more, it is not looked how good a forecast was
)

const key forecast.Key = "registration authority"

// Outlook is when those who wait will be ready.
type Outlook struct {
	known bool
	when  []forecast.When
	today time.Time
	Past  Past
}

// Past is how good forecasts would have been for what was decided in the last four weeks.
type Past struct {
	Looked int // decisions that were looked at
	InTime int // of them, those that came by the later day
	Days   int // how far from the earlier day half of them came at most
}

// New works out the outlook for so many who wait, in their order, from the courses of what their registration authority
// was asked for since Before now.
func New(list []request.Course, waiting int, now time.Time) Outlook {
	o := Outlook{today: startOf(now), Past: past(list, now)}
	history := historyOf(list, now)
	o.known = forecast.Known(history)
	if o.known {
		o.when = expected(history, waiting)
	}
	return o
}

// Known reports whether enough was decided in the last eight weeks to say when: at least 20 requests, on 14 days.
func (o Outlook) Known() bool { return o.known }

// Of gives by which day somebody will be ready in half of the futures, and in nine of ten; zero where that cannot be
// said. The first who waits is 0.
func (o Outlook) Of(place int) (half, late time.Time) {
	if place >= len(o.when) {
		return half, late
	}
	return o.after(o.when[place].Half), o.after(o.when[place].Late)
}

func (o Outlook) after(n int) time.Time { return o.today.AddDate(0, 0, n) }

// expected forecasts for so many who wait.
func expected(history []int, waiting int) (list []forecast.When) {
	in := forecast.Input{History: map[forecast.Key][]int{key: history}}
	for n := range waiting {
		in.People = append(in.People, forecast.Person{ID: strconv.Itoa(n), Path: []forecast.Key{key}})
	}
	made := forecast.Make(in)
	for n := range waiting {
		list = append(list, made.People[strconv.Itoa(n)])
	}
	return list
}

// historyOf counts what was decided on each of the last days before a moment: but for what was asked for on that very
// day, which took the place of those who wait. Today, of which nobody knows yet how it ends, is last, as its like a
// week ago, so that what is forecast begins with tomorrow.
func historyOf(list []request.Course, at time.Time) []int {
	today := dayOf(at)
	counts := make([]int, days)
	first := days
	for _, c := range list {
		if c.Decided.IsZero() {
			continue
		}
		decided := dayOf(c.Decided)
		place := days - (today - decided)
		if place < 0 || place >= days {
			continue
		}
		first = min(first, place)
		if dayOf(c.Asked) < decided {
			counts[place]++
		}
	}
	if first > days-week {
		return nil
	}
	return append(counts[first:], counts[days-week])
}

// past holds what was decided in the last weeks against what would have been said as it was asked for.
func past(list []request.Course, now time.Time) (p Past) {
	var ready []request.Course
	for _, c := range list {
		if !c.Decided.IsZero() && dayOf(now)-dayOf(c.Decided) <= looked {
			ready = append(ready, c)
		}
	}
	slices.SortFunc(ready, func(a, b request.Course) int { return a.Asked.Compare(b.Asked) })
	var off []int
	for n := range min(len(ready), maxLooked) {
		c := ready[n*len(ready)/min(len(ready), maxLooked)]
		history := historyOf(list, c.Asked)
		ahead := aheadOf(list, c.Asked)
		if !forecast.Known(history) || ahead > maxAhead {
			continue
		}
		said := expected(history, ahead+1)[ahead]
		took := dayOf(c.Decided) - dayOf(c.Asked)
		p.Looked++
		if took <= said.Late {
			p.InTime++
		}
		off = append(off, max(took-said.Half, said.Half-took))
	}
	if len(off) > 0 {
		slices.Sort(off)
		p.Days = off[len(off)/2]
	}
	return p
}

// aheadOf counts what waited at a moment.
func aheadOf(list []request.Course, at time.Time) (n int) {
	for _, c := range list {
		if c.Asked.Before(at) && (c.Decided.IsZero() || c.Decided.After(at)) {
			n++
		}
	}
	return n
}

// startOf gives the beginning of the day in London.
func startOf(t time.Time) time.Time {
	y, m, d := t.In(clock.London).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, clock.London)
}

// dayOf numbers the days in London.
func dayOf(t time.Time) int {
	y, m, d := t.In(clock.London).Date()
	return int(time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60))
}

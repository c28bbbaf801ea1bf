package board

import (
	"context"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/forecast"
)

// Outlook is a forecast as people read it, and as programs get it.
type Outlook struct {
	Days   int        `json:"days_of_history"`
	People int        `json:"people_waiting"` // each once, in however many queues they will be
	All    ReadyBy    `json:"all"`
	Waves  []ReadyBy  `json:"waves"`
	Queues []Backlog  `json:"queues"`
	Before *time.Time `json:"-"` // the day by which it says how many more days of work are needed; nil without one
}

// ReadyBy is when the last of some people are ready.
type ReadyBy struct {
	Name   string     `json:"name,omitempty"`
	Half   *time.Time `json:"half_of_futures,omitempty"`
	Late   *time.Time `json:"nine_in_ten,omitempty"`
	Unsaid int        `json:"people_not_said"`
}

// Backlog is one who has to act, with how right a forecast of two weeks ago was.
type Backlog struct {
	Name    string `json:"name"`
	Waiting int    `json:"waiting"`
	Last    int    `json:"finished_in_28_days"`
	Known   bool   `json:"known"`
	Said    *int   `json:"said_two_weeks_ago,omitempty"`
	Came    *int   `json:"came_since,omitempty"`
	More    *int   `json:"more_days_needed,omitempty"`
}

const (
	triedDays = 14
	lastDays  = 28
)

// LookAhead forecasts. It says how many more days of work are needed before a day, where one is given; that is zero
// where not.
func LookAhead(ctx context.Context, r db.R, before time.Time) (o Outlook, err error) {
	e, err := Expect(ctx, r)
	if err != nil {
		return o, err
	}
	o.Days = e.Days
	o.People = e.Waiting
	o.All = readyBy(e, groupAll, "", r.Now())
	within := 0
	if !before.IsZero() {
		o.Before = &before
		within = int(before.Sub(r.Now()).Hours()/24) + 1
	}
	for _, w := range e.waves {
		o.Waves = append(o.Waves, readyBy(e, waveGroup(w.ID), w.Name, r.Now()))
	}
	if e.waitsIn(waveGroup("")) {
		o.Waves = append(o.Waves, readyBy(e, waveGroup(""), "In none of them", r.Now()))
	}
	for _, q := range e.Queues {
		o.Queues = append(o.Queues, q.backlog(within))
	}
	return o, nil
}

func (q Queue) backlog(within int) Backlog {
	b := Backlog{Name: q.Name, Waiting: q.Waiting, Last: q.Last(lastDays), Known: forecast.Known(q.History)}
	if past, known := forecast.Tried(q.History, triedDays); known {
		b.Said = &past.Said
		b.Came = &past.Came
	}
	if b.Known && within > 0 {
		more, _ := forecast.Clinics(q.History, q.Waiting, within)
		b.More = &more
	}
	return b
}

func readyBy(e *Expected, group, name string, now time.Time) ReadyBy {
	shown := ReadyBy{Name: name, Unsaid: e.Unsaid[group]}
	if w, is := e.Groups[group]; is {
		half := now.AddDate(0, 0, w.Half)
		late := now.AddDate(0, 0, w.Late)
		shown.Half = &half
		shown.Late = &late
	}
	return shown
}

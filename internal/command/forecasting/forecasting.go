// Package forecasting prints when people will be ready, for the command line.
package forecasting

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/command/cli"
	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/dos/rollout/forecast"
	"signpost/internal/dos/wave"
	"signpost/internal/platform/db"
	"signpost/internal/platform/when"
)

// Shown is a forecast as --json prints it.
type Shown struct {
	Days   int     `json:"days_of_history"`
	All    When    `json:"all"`
	Waves  []When  `json:"waves"`
	Queues []Queue `json:"queues"`
}

// When is when the last of some people are ready.
type When struct {
	Name   string     `json:"name,omitempty"`
	Half   *time.Time `json:"half_of_futures,omitempty"`
	Late   *time.Time `json:"nine_in_ten,omitempty"`
	Unsaid int        `json:"people_not_said"`
}

// Queue is one who has to act, with how right a forecast of two weeks ago was.
type Queue struct {
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

// DaysUntil gives in how many days a date is; none without one.
func DaysUntil(text string, now time.Time) (int, error) {
	if text == "" {
		return 0, nil
	}
	date, is := when.ParseDate(text)
	if !is || !date.After(now) {
		return 0, cli.UsageError("--before: " + text + " is no date to come; write it as 31 March 2027")
	}
	return int(date.Sub(now).Hours()/24) + 1, nil
}

// Read forecasts. It says how many more days of work are needed within some days, where there are any.
func Read(ctx context.Context, r db.R, within int) (s Shown, err error) {
	e, err := board.Expect(ctx, r)
	if err != nil {
		return s, err
	}
	s.Days = e.Days
	s.All = whenOf(e, report.Selection{}, "", r.Now())
	waves, err := wave.List(ctx, r)
	for _, w := range waves {
		s.Waves = append(s.Waves, whenOf(e, report.Selection{Wave: w.ID}, w.Name, r.Now()))
	}
	for _, q := range e.Queues {
		one := Queue{Name: q.Name, Waiting: q.Waiting, Last: q.Last(lastDays), Known: forecast.Known(q.History)}
		if past, known := forecast.Tried(q.History, triedDays); known {
			one.Said = &past.Said
			one.Came = &past.Came
		}
		if one.Known && within > 0 {
			more, _ := forecast.Clinics(q.History, q.Waiting, within)
			one.More = &more
		}
		s.Queues = append(s.Queues, one)
	}
	return s, err
}

func whenOf(e *board.Expected, s report.Selection, name string, now time.Time) When {
	group := board.GroupOf(s)
	shown := When{Name: name, Unsaid: e.Unsaid[group]}
	if w, is := e.Groups[group]; is {
		half := now.AddDate(0, 0, w.Half)
		late := now.AddDate(0, 0, w.Late)
		shown.Half = &half
		shown.Late = &late
	}
	return shown
}

// Say prints a forecast.
func Say(p *cli.Printer, s Shown) {
	p.Say("Everybody: %s", s.All.text())
	for _, w := range s.Waves {
		p.Say("%s: %s", w.Name, w.text())
	}
	for _, q := range s.Queues {
		p.Say("%s: waiting %d, finished in the last 28 days %d", q.Name, q.Waiting, q.Last)
		switch {
		case !q.Known:
			p.Say("  Too little is known to say when: it takes 14 days and 20 people who went on.")
		case q.Said != nil:
			p.Say("  Two weeks ago this would have said that %d would have gone on by now; %d have.", *q.Said, *q.Came)
		}
		if q.More != nil {
			p.Say("  More days of usual work needed by then: %d", *q.More)
		}
	}
}

func (w When) text() string {
	text := "nobody waits of whom it can be said"
	if w.Half != nil {
		text = fmt.Sprintf("ready by %s in half of the futures, by %s in nine of ten", when.Date(*w.Half),
			when.Date(*w.Late))
	}
	if w.Unsaid > 0 {
		text += fmt.Sprintf("; of %d people it cannot be said", w.Unsaid)
	}
	return text
}

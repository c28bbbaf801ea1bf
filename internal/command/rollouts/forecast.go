package rollouts

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/command/cli"
	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/rollout/board"
	"signpost/internal/platform/db"
	"signpost/internal/platform/when"
)

// rolloutForecast says when people will be ready.
type rolloutForecast struct {
	cli.System
	cli.Output
	Before string `help:"Say how many more days of work would be needed for all to be ready by then, as 31 March 2027." placeholder:"DATE"`
}

// Run forecasts.
func (c *rolloutForecast) Run(ctx context.Context, p *cli.Printer) error {
	return inRollout(ctx, c.System, func(o moving.Office) error {
		before, err := dateBefore(c.Before, o.DB.Now())
		if err != nil {
			return err
		}
		shown, err := db.Read(ctx, o.DB, func(r db.R) (board.Outlook, error) {
			return board.LookAhead(ctx, r, before)
		})
		if err != nil {
			return err
		}
		return p.Result(shown, func() { sayForecast(p, shown) })
	})
}

// dateBefore reads a date to come; zero without one.
func dateBefore(text string, now time.Time) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	date, is := when.ParseDate(text)
	if !is || !date.After(now) {
		return time.Time{}, cli.UsageError("--before: " + text + " is no date to come; write it as 31 March 2027")
	}
	return date, nil
}

// sayForecast prints a forecast.
func sayForecast(p *cli.Printer, o board.Outlook) {
	p.Say("Everybody: %s", textOf(o.All))
	for _, w := range o.Waves {
		p.Say("%s: %s", w.Name, textOf(w))
	}
	for _, q := range o.Queues {
		p.Say("%s: waiting %d, finished in the last 28 days %d", q.Name, q.Waiting, q.Last)
		switch {
		case !q.Known:
			p.Say("  Not enough data to say when: it takes 14 days and 20 people who finished.")
		case q.Said != nil:
			p.Say("  Two weeks ago this expected %d people to finish by now; %d have.", *q.Said, *q.Came)
		}
		if q.More != nil {
			p.Say("  More days of usual work needed by then: %d", *q.More)
		}
	}
}

func textOf(w board.ReadyBy) string {
	text := "no forecast yet"
	if w.Half != nil {
		text = fmt.Sprintf("an even chance of being ready by %s, and of 9 in 10 by %s", when.Date(*w.Half),
			when.Date(*w.Late))
	}
	if w.Unsaid > 0 {
		text += fmt.Sprintf("; people without a forecast: %d", w.Unsaid)
	}
	return text
}

package rollouts

import (
	"context"
	"fmt"

	"signpost/internal/command/cli"
	"signpost/internal/dos/account"
	"signpost/internal/dos/administration/moving"
	"signpost/internal/dos/rollout/results"
	"signpost/internal/platform/db"
	"signpost/internal/platform/sheet"
)

// rolloutOutcome says what came of the move in a month.
type rolloutOutcome struct {
	cli.System
	cli.Output
	Month string `help:"The month, as 2026-11; the last one that is over without it." placeholder:"MONTH"`
	CSV   bool   `name:"csv" help:"Print the numbers as a CSV file."`
}

// Run says it, with the numbers of the page of the month.
func (c *rolloutOutcome) Run(ctx context.Context, p *cli.Printer) error {
	return inRollout(ctx, c.System, func(o moving.Office) error {
		m := results.MonthOf(o.DB.Now()).Add(-1)
		if c.Month != "" {
			var is bool
			if m, is = results.ParseMonth(c.Month); !is {
				return cli.UsageError("--month: " + c.Month + " is no month; write it as 2026-11")
			}
		}
		v, err := db.Read(ctx, o.DB, func(r db.R) (results.Results, error) {
			return results.OfMonth(ctx, r, m, account.Reach{Everywhere: true})
		})
		if err != nil {
			return err
		}
		if c.CSV {
			return writeRows(p, v)
		}
		return p.Result(v, func() { sayResults(p, m, v) })
	})
}

func writeRows(p *cli.Printer, v results.Results) error {
	file, err := sheet.CSV(results.FileHead(), v.Rows())
	if err != nil {
		return err
	}
	if _, err := p.Out.Write(file); err != nil {
		return fmt.Errorf("write results: %w", err)
	}
	return nil
}

func sayResults(p *cli.Printer, m results.Month, v results.Results) {
	p.Say("%s, from %s to %s:", m.Title(), v.From, v.Until)
	for _, line := range v.Headline() {
		p.Say("  %s", line)
	}
	for _, one := range v.Logins {
		p.Say("  by %s: came in %d, turned away %d (%s came in)", one.Title, one.CameIn, one.TurnedAway,
			results.Share(one.CameIn, one.Tries()))
	}
	for _, one := range v.Tickets {
		p.Say("  tickets, %s: %d, of %d people", one.Wave, one.Tickets, one.People)
	}
	for _, one := range v.Ready {
		p.Say("  linked, %s: %d, half within %.1f days of being told, nine of ten within %.1f; before that %d",
			one.Wave, one.People, one.Half, one.Late, one.Untold)
	}
}

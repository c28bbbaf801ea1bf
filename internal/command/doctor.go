package command

import (
	"context"
	"errors"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/doctor"
	"signpost/internal/platform/clock"
)

var doctorCommand = cli.Command{
	Name: "doctor",
	Help: "Look whether a system can work as it is configured, before its first start or beside it. Changes nothing, " +
		"sends no mail, logs nobody in.",
	Flags: func() any { return new(doctorFlags) },
}

type doctorFlags struct {
	cli.System
	cli.Sites
	cli.Output
}

// errUnwell is a system that cannot work as it is configured.
var errUnwell = errors.New("not all is well: what failed is named above, each with what to do")

// Run looks, and fails where anything is wrong.
func (c *doctorFlags) Run(ctx context.Context, p *cli.Printer) error {
	sites, err := c.Chosen()
	if err != nil {
		return err
	}
	cfg, err := c.Named()
	if err != nil {
		return err
	}
	lines := []doctor.Line{}
	well := doctor.Run(ctx, doctor.Options{
		Config: cfg, Sites: sites, Clock: clock.System{}, Reach: app.Reach(cfg), Cured: cli.Cured,
	}, func(l doctor.Line) {
		lines = append(lines, l)
		if !p.JSON {
			sayLine(p, l)
		}
	})
	if err := p.Result(lines, func() {}); err != nil {
		return err
	}
	if !well {
		return errUnwell
	}
	return nil
}

func sayLine(p *cli.Printer, l doctor.Line) {
	p.Say("%-6s  %s: %s", l.Outcome, l.Check, l.Saw)
	if l.Cure != "" {
		p.Say("        → %s", l.Cure)
	}
}

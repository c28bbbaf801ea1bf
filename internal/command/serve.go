package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/platform/fault"
)

var serveCommand = cli.Command{
	Name:  "serve",
	Help:  "Run the sites that --config describes, for real use.",
	Flags: func() any { return new(serveFlags) },
}

type serveFlags struct {
	cli.System
	cli.Sites
}

// Run serves until ctx ends.
func (c *serveFlags) Run(ctx context.Context, p *cli.Printer) error {
	sites, err := c.Chosen()
	if err != nil {
		return err
	}
	cfg, err := c.Named()
	if err != nil {
		return err
	}
	if err := cfg.ForServing(sites...); err != nil {
		return cli.Incomplete(err)
	}
	p.KeepServing()
	log := slog.New(slog.NewJSONHandler(p.Errs, nil))
	err = cli.UnlessStopped(ctx, app.Serve(ctx, cfg, sites, log, p.DroppedLines))
	if taken, is := errors.AsType[app.TakenError](err); is {
		return fault.SayCure(fault.Conflict, taken.Error()+".",
			fmt.Sprintf("Stop it, or change %q in the configuration.", taken.Name))
	}
	return cli.Cured(err)
}

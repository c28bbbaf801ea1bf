package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"signpost/internal/app"
	"signpost/internal/config"
	"signpost/internal/platform/fault"
)

var serveCommand = command{
	name:  "serve",
	help:  "Run the sites that --config describes, for real use.",
	flags: func() any { return new(serveFlags) },
}

type serveFlags struct {
	system
	Sites string `help:"Which sites this node runs." default:"dos,cis2,cim"`
}

// Run serves until ctx ends.
func (c *serveFlags) Run(ctx context.Context, p *printer) error {
	sites := strings.Split(c.Sites, ",")
	for _, s := range sites {
		if !slices.Contains(app.Sites, s) {
			return usageError(fmt.Sprintf("--sites: there is no site %q, only %s", s, strings.Join(app.Sites, ", ")))
		}
	}
	cfg, err := c.read()
	if err != nil {
		return err
	}
	if c.Config == "" && cfg.Addresses == (config.Addresses{}) {
		return fault.SayCure(fault.Invalid, "serve needs a configuration, and none was named.",
			"Name it: signpost serve --config signpost.toml. docs/running.md shows what is in it.")
	}
	if err := cfg.ForServing(); err != nil {
		return fmt.Errorf("the configuration is not complete:\n%w", err)
	}
	p.keepServing()
	log := slog.New(slog.NewJSONHandler(p.errs, nil))
	err = unlessStopped(ctx, app.Serve(ctx, cfg, sites, log, p.droppedLines))
	if taken, is := errors.AsType[app.TakenError](err); is {
		return fault.SayCure(fault.Conflict, taken.Error()+".",
			fmt.Sprintf("Stop it, or change %q in the configuration.", taken.Name))
	}
	return err
}

package command

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"signpost/internal/app"
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
	if err := cfg.ForServing(); err != nil {
		return fmt.Errorf("the configuration is not complete:\n%w", err)
	}
	return app.Serve(ctx, cfg, sites, slog.New(slog.NewJSONHandler(p.errs, nil)))
}

package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"slices"
	"strings"

	"signpost/internal/app"
	"signpost/internal/config"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seal"
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
		return cured(err)
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
	return cured(err)
}

// cured says what to do about an error that keeps a node from starting, where the error does not say it itself.
func cured(err error) error {
	f, known := fault.From(err)
	if err == nil || known && f.Cure != "" {
		return err
	}
	text := strings.TrimRight(strings.Join(strings.Fields(err.Error()), " "), ".")
	return fault.SayCure(fault.Invalid, text+".", cureOf(err))
}

// cureOf chooses a cure by the kind of the error. The first that fits is taken.
func cureOf(err error) string {
	for _, c := range cures {
		if c.fits(err) {
			return c.cure
		}
	}
	return "Mend what is named here and start again; docs/running.md says what each setting needs."
}

var cures = []struct {
	fits func(error) bool
	cure string
}{
	{is(seal.ErrOtherKey),
		"Bring back the master key of that time from its copy, or name it by master_key in the configuration."},
	{isA[app.ListenError], "Name an address of this machine and a free port, like 127.0.0.1:8080; " +
		"ports below 1024 need the right to them (CAP_NET_BIND_SERVICE)."},
	{is(db.ErrUnreached),
		"See whether the PostgreSQL server runs, and mend its address, user or password under [databases]."},
	{is(fs.ErrNotExist), "Mend its name, or make it first; docs/running.md says what each setting needs."},
	{isA[*fs.PathError],
		"Let the user that Signpost runs as read and write there, or name another place in the configuration."},
}

// is fits errors that are one in particular.
func is(target error) func(error) bool {
	return func(err error) bool { return errors.Is(err, target) }
}

// isA fits errors of a type.
func isA[T error](err error) bool {
	_, fits := errors.AsType[T](err)
	return fits
}

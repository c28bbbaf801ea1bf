package command

import (
	"context"
	"errors"
	"fmt"
	"os"

	"signpost/internal/app"
	"signpost/internal/command/cli"
)

var demoCommand = cli.Command{
	Name:  "demo",
	Help:  "Run the whole system on sample data, on this machine only. Nothing is kept.",
	Flags: func() any { return new(demoFlags) },
}

type demoFlags struct {
	Listen string `help:"Where to listen; this machine only." default:"127.0.0.1:8080"`
	Log    string `help:"File to write the log to; none if not given." type:"path" placeholder:"FILE"`
}

// Run makes the sample world and serves it until ctx ends.
func (c *demoFlags) Run(ctx context.Context, p *cli.Printer) (err error) {
	port, err := cli.Loopback(c.Listen, "127.0.0.1:8080", "the demo lets people in without proof")
	if err != nil {
		return err
	}
	p.KeepServing()
	folder, err := os.MkdirTemp("", "signpost-demo-")
	if err != nil {
		return fmt.Errorf("make folder for the demo: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	log, closeLog, err := cli.LogTo(c.Log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeLog()) }()
	d, err := app.NewDemo(ctx, app.DemoConfig(c.Listen, folder), log)
	if err != nil {
		return cli.UnlessStopped(ctx, err)
	}
	defer d.Close(ctx)
	return cli.OtherPort(d.Run(ctx, func() {
		p.Say("Signpost's demo is at http://localhost:%s (stop it with Ctrl+C)", port)
	}))
}

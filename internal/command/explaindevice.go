package command

import (
	"context"
	"strings"

	"signpost/internal/app"
	"signpost/internal/careid/login/devicecheck"
	"signpost/internal/careid/login/words"
	"signpost/internal/command/cli"
	"signpost/internal/national/authn"
	"signpost/internal/national/device"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/fault"
)

type explainDevice struct {
	cli.System
	cli.Output
	Code []string `arg:"" help:"The code as it was read out, with spaces or without." placeholder:"CODE"`
}

// Run says what the page of the result says.
func (c *explainDevice) Run(_ context.Context, p *cli.Printer) error {
	found, day, known := device.Read(strings.Join(c.Code, ""), clock.System{}.Now())
	if !known {
		return fault.SayCure(fault.NotFound, "There is no such result code.",
			"Ask for it again: it has 9 letters and digits, and one of them was misheard.")
	}
	kinds, err := c.kinds()
	if err != nil {
		return err
	}
	l := words.Shipped().Match(words.British)
	e := devicecheck.Explain(l, found, day, kinds)
	return p.Result(e, func() {
		for _, line := range e.Lines(l) {
			p.Say("%s", line)
		}
	})
}

// kinds are those that can be used where a configuration is for; every kind where none was named.
func (c *explainDevice) kinds() ([]authn.Kind, error) {
	if c.Config == "" {
		return authn.Kinds(), nil
	}
	cfg, err := c.Read()
	if err != nil {
		return nil, cli.Cured(err)
	}
	return app.Kinds(cfg)
}

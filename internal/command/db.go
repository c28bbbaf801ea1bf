package command

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/config"
	"signpost/internal/platform/db/intact"
	"signpost/internal/platform/fault"
)

var dbCommand = cli.Command{
	Name:  "db",
	Help:  "Look after the databases.",
	Flags: func() any { return new(dbFlags) },
}

// dbFlags are the commands about the databases themselves.
type dbFlags struct {
	Check dbCheck `cmd:"" help:"Look whether the databases are whole. Reads all of them, changes nothing, and may run beside a system that serves."`
}

// dbCheck looks whether databases are whole.
type dbCheck struct {
	cli.System
	cli.Output
}

// checkedSide says what came of looking at one side's database, as --json prints it.
type checkedSide struct {
	Database string         `json:"database"`
	There    bool           `json:"there"`
	Checks   []checkedThing `json:"checks"`
}

type checkedThing struct {
	Check    string   `json:"check"`
	Looked   int64    `json:"looked_at"`
	Note     string   `json:"note,omitempty"`
	Problems []string `json:"problems"`
}

// Run looks, prints what came of it, and fails where anything is wrong.
func (c *dbCheck) Run(ctx context.Context, p *cli.Printer) error {
	cfg, err := c.Read()
	if err != nil {
		return err
	}
	var list []checkedSide
	var unfinished error
	for _, side := range []struct {
		name string
		app.Side
	}{{"dos", app.DoS}, {"careid", app.CareID}} {
		one, err := checkSide(ctx, cfg, side.name, side.Side)
		if unfinished == nil {
			unfinished = err
		}
		list = append(list, one)
	}
	if !list[0].There && !list[1].There {
		return c.NoSystem()
	}
	if err := p.Result(list, func() { sayChecks(p, list) }); err != nil {
		return err
	}
	return cmp.Or(problemsOf(list), unfinished)
}

func checkSide(ctx context.Context, cfg config.Config, name string, side app.Side) (checkedSide, error) {
	checked := checkedSide{Database: name, There: side.Exists(cfg), Checks: []checkedThing{}}
	if !checked.There {
		return checked, nil
	}
	findings, err := side.Check(ctx, cfg)
	for _, f := range findings {
		checked.Checks = append(checked.Checks, shownFinding(f))
	}
	if err != nil {
		return checked, fmt.Errorf("%s: %w", name, err)
	}
	return checked, nil
}

func shownFinding(f intact.Finding) checkedThing {
	return checkedThing{Check: f.Check, Looked: f.Looked, Note: f.Note, Problems: cli.Listed(f.Problems)}
}

func sayChecks(p *cli.Printer, list []checkedSide) {
	for _, side := range list {
		if !side.There {
			p.Say("%s: there is no such database here", side.Database)
		}
		for _, c := range side.Checks {
			p.Say("%s: %s: %s", side.Database, c.Check, outcome(c))
			for _, problem := range c.Problems {
				p.Say("  %s", problem)
			}
		}
	}
}

func outcome(c checkedThing) string {
	words := fmt.Sprintf("%d looked at, all well", c.Looked)
	if len(c.Problems) > 0 {
		words = fmt.Sprintf("%d looked at, problems: %d", c.Looked, len(c.Problems))
	}
	if c.Note != "" {
		words += "; " + c.Note
	}
	return words
}

// problemsOf gives the failure of a check that found any.
func problemsOf(list []checkedSide) error {
	var damaged []string
	for _, side := range list {
		for _, c := range side.Checks {
			if len(c.Problems) > 0 {
				damaged = append(damaged, side.Database+" ("+c.Check+")")
			}
		}
	}
	if len(damaged) == 0 {
		return nil
	}
	return fault.SayCure(fault.Conflict, "Not whole: "+strings.Join(damaged, ", ")+".",
		"Keep a copy of the database, then restore it from its backup.")
}

package imports

import (
	"context"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/dos/standing/byfile"
	"signpost/internal/platform/actor"
)

// answers reads what the care identity side says of accounts into the directory.
type answers struct {
	cli.System
	cli.Output
	Apply bool   `help:"Keep the answers. Without it nothing is changed."`
	File  string `arg:"" help:"The file to read." type:"path"`
}

// answersResult says what became of a file of answers.
type answersResult struct {
	Rows    int              `json:"rows"`
	Answers int              `json:"answers"`
	Found   map[string]int   `json:"found"`
	Refused []byfile.Refused `json:"refused"`
	Applied bool             `json:"applied"`
}

// Run reads the file and says what it holds, or keeps it.
func (c *answers) Run(ctx context.Context, p *cli.Printer) error {
	reading, err := cli.ReadTable(c.File, byfile.Read)
	if err != nil {
		return err
	}
	d, err := c.OpenRunning(ctx, app.DoS)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	if reading, err = byfile.Check(ctx, d, reading); err != nil {
		return err
	}
	result := answersResult{Rows: reading.Rows, Answers: len(reading.List), Found: map[string]int{},
		Refused: cli.Listed(reading.Refused), Applied: c.Apply}
	for _, s := range reading.List {
		result.Found[string(s.Said.Answer().Found)]++
	}
	if c.Apply {
		if err := byfile.Save(ctx, d, actor.ForCommand("import answers"), reading); err != nil {
			return err
		}
	}
	return c.report(p, result)
}

func (c *answers) report(p *cli.Printer, r answersResult) error {
	err := p.Result(r, func() {
		p.Say("%d rows: %d people with one Care Identity, %d with none that was found, %d with several, %d refused.",
			r.Rows, r.Found["one"], r.Found["none"], r.Found["several"], len(r.Refused))
		for _, one := range r.Refused {
			p.Say("row %d: %s.", one.Row, one.Reason)
		}
		if !r.Applied {
			p.Say("Nothing was kept. To keep it: %s", c.CommandLine("import", "answers", c.File, "--apply"))
		}
	})
	if err == nil && len(r.Refused) > 0 {
		return cli.ErrRefusedRows
	}
	return err
}

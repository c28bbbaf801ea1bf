package imports

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/app"
	"signpost/internal/careid/esr"
	"signpost/internal/command/cli"
	"signpost/internal/platform/actor"
)

// staffRecords reads staff records into the care identity side.
type staffRecords struct {
	cli.System
	cli.Output
	Apply bool   `help:"Save the records. Without it nothing is changed."`
	File  string `arg:"" help:"The file to read." type:"path"`
}

// staffResult says what became of a file of staff records.
type staffResult struct {
	Rows    int           `json:"rows"`
	Records int           `json:"records"`
	Left    int           `json:"left"`
	Refused []esr.Refused `json:"refused"`
	Applied bool          `json:"applied"`
}

var errNobody = errors.New("there are no Care Identities here yet: start the system first")

// Run reads the file and says what it holds, or stores it.
func (c *staffRecords) Run(ctx context.Context, p *cli.Printer) error {
	reading, err := cli.ReadTable(c.File, esr.Read)
	if err != nil {
		return err
	}
	d, err := c.OpenExisting(ctx, app.CareID)
	if err == nil && d == nil {
		err = errNobody
	}
	if err != nil {
		return err
	}
	defer func() { _ = cli.CloseIfOpen(d) }()
	if reading, err = esr.Check(ctx, d, reading); err != nil {
		return err
	}
	result := staffResult{Rows: reading.Rows, Records: len(reading.Records), Refused: cli.Listed(reading.Refused),
		Applied: c.Apply}
	for _, one := range reading.Records {
		if !one.Left.IsZero() {
			result.Left++
		}
	}
	if c.Apply {
		if err := esr.Save(ctx, d, actor.ForCommand("import staff-records"), reading); err != nil {
			return err
		}
	}
	return c.report(p, result)
}

func (c *staffRecords) report(p *cli.Printer, r staffResult) error {
	err := p.Result(r, func() {
		p.Say("%d rows: %d staff records, %d of people who leave or left, %d refused.", r.Rows, r.Records, r.Left,
			len(r.Refused))
		for _, one := range r.Refused {
			where := one.Column
			if one.Row > 0 {
				where = fmt.Sprintf("row %d, %s", one.Row, one.Column)
			}
			p.Say("%s: %s.", where, one.Reason)
		}
		if !r.Applied {
			p.Say("Nothing was written. To write it: %s", c.CommandLine("import", "staff-records", c.File, "--apply"))
		}
	})
	if err == nil && len(r.Refused) > 0 {
		return cli.ErrRefusedRows
	}
	return err
}

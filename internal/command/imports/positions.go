package imports

import (
	"context"
	"path/filepath"

	"signpost/internal/app"
	"signpost/internal/careid/importing"
	"signpost/internal/careid/importing/assignments"
	"signpost/internal/command/cli"
	"signpost/internal/platform/db"
	"signpost/internal/platform/records"
)

// carePositions reads who holds which position by another system.
type carePositions struct{ rowFlags }

// Run reads the file and says what it would do, or does it.
func (c *carePositions) Run(ctx context.Context, p *cli.Printer) error {
	if err := c.check(); err != nil {
		return err
	}
	show := p.Progress()
	reading, err := readRows(&c.rowFlags, show, assignments.Read)
	if err != nil {
		return err
	}
	d, err := c.OpenRunning(ctx, app.CareID)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	reading, err = db.Read(ctx, d, func(r db.R) (assignments.Reading, error) {
		return assignments.Check(ctx, r, reading)
	})
	if err != nil {
		return err
	}
	return c.conclude(p, show, c.resultOf(reading), reading.WriteRefused, func() (string, error) {
		wanted, err := reading.Wanted()
		if err != nil {
			return "", err
		}
		return importing.Imports().Apply(ctx, d, assignments.Source(), records.IntoNothing(wanted),
			show.Of("prepared"), show.Of("written"))
	})
}

func (c *carePositions) resultOf(r assignments.Reading) result {
	return result{
		File:      filepath.Base(c.File),
		Format:    assignments.Form,
		Rows:      r.Rows,
		Added:     len(r.Held),
		Unchanged: r.Unchanged,
		Counted:   map[string]int{},
		About:     cli.Listed(r.About),
		ByReason:  records.CountReasons(r.Refused),
		Refused:   cli.Listed(r.Refused),
		Notes:     cli.Listed([]records.Refused(nil)),
		flags:     &c.rowFlags,
		command:   []string{"import", "positions"},
	}
}

package imports

import (
	"context"
	"fmt"
	"os"
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
	reading, err := c.read(show)
	if err != nil {
		return fmt.Errorf("%s: %s", filepath.Base(c.File), cli.Sentence(err))
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
	res := c.resultOf(reading)
	if err := c.writeRefused(reading.WriteRefused, &res); err != nil {
		return err
	}
	res.Applied = c.Apply && (!c.Strict || len(reading.Refused) == 0)
	if res.Applied && len(reading.Held) > 0 {
		wanted, err := reading.Wanted()
		if err != nil {
			return err
		}
		if err := res.apply(show, func() (string, error) {
			return importing.Imports().Apply(ctx, d, assignments.Source(), records.IntoNothing(wanted),
				show.Of("prepared"), show.Of("written"))
		}); err != nil {
			return err
		}
	}
	return c.report(p, res)
}

// read reads the file.
func (c *carePositions) read(show *cli.Progress) (assignments.Reading, error) {
	file, err := os.Open(filepath.Clean(c.File))
	if err != nil {
		return assignments.Reading{}, fmt.Errorf("cannot be opened: %w", err)
	}
	defer func() { _ = file.Close() }()
	reading, err := assignments.Read(file, func(rows int) { show.Say("read", rows, 0) })
	show.Done()
	return reading, err
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

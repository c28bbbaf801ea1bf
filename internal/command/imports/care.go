package imports

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"signpost/internal/app"
	"signpost/internal/careid/importing"
	"signpost/internal/command/cli"
	"signpost/internal/platform/db"
	"signpost/internal/platform/records"
)

// careFile reads a file of organisations into the care identity side.
type careFile struct{ rowFlags }

// Run reads the file and says what it would do, or does it.
func (c *careFile) Run(ctx context.Context, p *cli.Printer) error {
	if err := c.check(); err != nil {
		return err
	}
	show := p.Progress()
	reading, err := c.read(show)
	if err != nil {
		return fmt.Errorf("%s: %s", filepath.Base(c.File), cli.Sentence(err))
	}
	p.Say("%s: %s.", filepath.Base(c.File), reading.Title)
	d, err := c.OpenExisting(ctx, app.CareID)
	if err != nil {
		return err
	}
	defer func() { _ = cli.CloseIfOpen(d) }()
	plan, err := carePlan(ctx, d, reading)
	if err != nil {
		return err
	}
	res := c.resultOf(reading, plan)
	if err := c.writeRefused(reading.WriteRefused, &res); err != nil {
		return err
	}
	res.Applied = c.Apply && (!c.Strict || len(reading.Refused) == 0)
	if res.Applied && plan.Added+plan.Changed > 0 {
		if d == nil {
			if d, err = c.Open(ctx, app.CareID); err != nil {
				return err
			}
		}
		if err := res.apply(show, func() (string, error) {
			return importing.Imports().Apply(ctx, d, reading.Source(), plan, show.Of("prepared"), show.Of("written"))
		}); err != nil {
			return err
		}
	}
	return c.report(p, res)
}

// read reads the file.
func (c *careFile) read(show *cli.Progress) (importing.Reading, error) {
	file, err := os.Open(filepath.Clean(c.File))
	if err != nil {
		return importing.Reading{}, fmt.Errorf("cannot be opened: %w", err)
	}
	defer func() { _ = file.Close() }()
	reading, err := importing.Read(file, func(rows int) { show.Say("read", rows, 0) })
	show.Done()
	return reading, err
}

// carePlan says what importing the rows would change. d is nil where there are no Care Identities yet.
func carePlan(ctx context.Context, d *db.DB, r importing.Reading) (records.Plan, error) {
	if d == nil {
		return records.IntoNothing(r.Wanted), nil
	}
	return db.Read(ctx, d, func(read db.R) (records.Plan, error) {
		return records.Compare(ctx, read, r.Source().Table, r.Wanted)
	})
}

func (c *careFile) resultOf(r importing.Reading, plan records.Plan) result {
	return result{
		File:      filepath.Base(c.File),
		Format:    r.Form,
		Rows:      r.Rows,
		Added:     plan.Added,
		Changed:   plan.Changed,
		Unchanged: plan.Unchanged,
		Counted:   r.Counted,
		About:     cli.Listed(r.About),
		ByReason:  records.CountReasons(r.Refused),
		Refused:   cli.Listed(r.Refused),
		Notes:     cli.Listed(r.Notes),
		flags:     &c.rowFlags,
		command:   []string{"import", "care-organisations"},
	}
}

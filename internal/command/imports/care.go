package imports

import (
	"context"
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
	reading, err := readRows(&c.rowFlags, show, importing.Read)
	if err != nil {
		return err
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
	return c.conclude(p, show, c.resultOf(reading, plan), reading.WriteRefused, func() (string, error) {
		if d == nil {
			if d, err = c.Open(ctx, app.CareID); err != nil {
				return "", err
			}
		}
		return importing.Imports().Apply(ctx, d, reading.Source(), plan, show.Of("prepared"), show.Of("written"))
	})
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

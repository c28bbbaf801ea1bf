package imports

import (
	"context"
	"io"
	"path/filepath"

	"signpost/internal/app"
	"signpost/internal/careid/importing"
	"signpost/internal/careid/importing/identities"
	"signpost/internal/command/cli"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/records"
)

// careIdentities reads the care identities of another system.
type careIdentities struct{ rowFlags }

// Run reads the file and says what it would do, or does it.
func (c *careIdentities) Run(ctx context.Context, p *cli.Printer) error {
	if err := c.check(); err != nil {
		return err
	}
	show := p.Progress()
	reading, err := readRows(&c.rowFlags, show, func(from io.Reader, progress func(int)) (identities.Reading, error) {
		return identities.Read(from, clock.System{}, progress)
	})
	if err != nil {
		return err
	}
	box, err := c.box()
	if err != nil {
		return err
	}
	d, err := c.OpenRunning(ctx, app.CareID)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	reading, err = db.Read(ctx, d, func(r db.R) (identities.Reading, error) {
		return identities.Check(ctx, r, box, reading)
	})
	if err != nil {
		return err
	}
	return c.conclude(p, show, c.resultOf(reading), reading.WriteRefused, func() (string, error) {
		wanted, err := reading.Prepared(ctx, identities.Door{DB: d, Box: box})
		if err != nil {
			return "", err
		}
		return importing.Imports().Apply(ctx, d, identities.Source(), records.IntoNothing(wanted),
			show.Of("prepared"), show.Of("written"))
	})
}

func (c *careIdentities) resultOf(r identities.Reading) result {
	return result{
		File:      filepath.Base(c.File),
		Format:    identities.Form,
		Rows:      r.Rows,
		Added:     len(r.People),
		Unchanged: r.Unchanged,
		Counted:   map[string]int{},
		About:     cli.Listed(r.About),
		ByReason:  records.CountReasons(r.Refused),
		Refused:   cli.Listed(r.Refused),
		Notes:     cli.Listed(r.Notes),
		flags:     &c.rowFlags,
		command:   []string{"import", "identities"},
	}
}

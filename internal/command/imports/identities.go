package imports

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"signpost/internal/app"
	"signpost/internal/careid/importing"
	"signpost/internal/careid/importing/identities"
	"signpost/internal/command/cli"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/records"
	"signpost/internal/platform/seal"
)

// careIdentities reads the care identities of another system.
type careIdentities struct{ rowFlags }

// Run reads the file and says what it would do, or does it.
func (c *careIdentities) Run(ctx context.Context, p *cli.Printer) error {
	if err := c.check(); err != nil {
		return err
	}
	show := p.Progress()
	reading, err := c.read(show)
	if err != nil {
		return fmt.Errorf("%s: %s", filepath.Base(c.File), cli.Sentence(err))
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
	res := c.resultOf(reading)
	if err := c.writeRefused(reading.WriteRefused, &res); err != nil {
		return err
	}
	res.Applied = c.Apply && (!c.Strict || len(reading.Refused) == 0)
	if res.Applied && len(reading.People) > 0 {
		if err := c.save(ctx, identities.Door{DB: d, Box: box}, reading, &res, show); err != nil {
			return err
		}
	}
	return c.report(p, res)
}

// read reads the file.
func (c *careIdentities) read(show *cli.Progress) (identities.Reading, error) {
	file, err := os.Open(filepath.Clean(c.File))
	if err != nil {
		return identities.Reading{}, fmt.Errorf("cannot be opened: %w", err)
	}
	defer func() { _ = file.Close() }()
	reading, err := identities.Read(file, clock.System{}, func(rows int) { show.Say("read", rows, 0) })
	show.Done()
	return reading, err
}

// box opens the master key of the system, which seals what is secret.
func (c *careIdentities) box() (*seal.Box, error) {
	cfg, err := c.Read()
	if err != nil {
		return nil, err
	}
	box, err := app.OpenBox(cfg, false)
	if err != nil {
		return nil, c.MasterKeyProblem(cfg, err)
	}
	return box, nil
}

// save writes those whom the file may add.
func (c *careIdentities) save(ctx context.Context, door identities.Door, reading identities.Reading, res *result,
	show *cli.Progress) error {
	wanted, err := reading.Prepared(ctx, door)
	if err != nil {
		return err
	}
	return res.apply(show, func() (string, error) {
		return importing.Imports().Apply(ctx, door.DB, identities.Source(), records.IntoNothing(wanted),
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

package imports

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/platform/seal"
)

// readRows reads the file of a command row by row, and says how far it is.
func readRows[T any](
	c *rowFlags, show *cli.Progress, read func(from io.Reader, progress func(rows int)) (T, error),
) (none T, err error) {
	file, err := os.Open(filepath.Clean(c.File))
	if err != nil {
		return none, fmt.Errorf("%s: cannot be opened: %w", filepath.Base(c.File), err)
	}
	defer func() { _ = file.Close() }()
	reading, err := read(file, func(rows int) { show.Say("read", rows, 0) })
	show.Done()
	if err != nil {
		return none, fmt.Errorf("%s: %s", filepath.Base(c.File), cli.Sentence(err))
	}
	return reading, nil
}

// conclude writes the rows that are refused to where they are to be mended, has those that are taken written if that
// was asked for, and says what was done. write gives the id of the import.
func (c *rowFlags) conclude(
	p *cli.Printer, show *cli.Progress, res result, refused func(io.Writer) error, write func() (id string, err error),
) error {
	if err := c.writeRefused(refused, &res); err != nil {
		return err
	}
	res.Applied = c.Apply && (!c.Strict || len(res.Refused) == 0)
	if res.Applied && res.Added+res.Changed > 0 {
		if err := res.apply(show, write); err != nil {
			return err
		}
	}
	return c.report(p, res)
}

// box opens the master key of the system, which seals what is secret.
func (c *rowFlags) box() (*seal.Box, error) {
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

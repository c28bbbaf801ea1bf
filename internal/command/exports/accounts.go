// Package exports is the command that writes what the directory has to files.
package exports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/dos/account"
	"signpost/internal/dos/directory/exporting"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

// Command is signpost export.
var Command = cli.Command{
	Name:  "export",
	Help:  "Write what the directory has to a CSV file.",
	Flags: func() any { return new(flags) },
}

// flags are the commands that write files.
type flags struct {
	Accounts accounts `cmd:"" help:"The accounts and what they may do, as signpost import accounts reads them."`
}

// accounts writes every account.
type accounts struct {
	cli.System
	Output string `help:"Write to this file, which must not be there yet. Without it, to standard output." type:"path" placeholder:"FILE"`
	Hashes bool   `help:"Write the hashes of passwords too. Whoever has the file can try passwords on them." name:"with-password-hashes"`
}

// Run writes the accounts, and an event that they were handed out.
func (c *accounts) Run(ctx context.Context, p *cli.Printer) error {
	d, err := c.OpenRunning(ctx, app.DoS)
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	everybody, err := db.Read(ctx, d, func(r db.R) (exporting.Population, error) {
		return exporting.ReadPopulation(ctx, r)
	})
	if err != nil {
		return err
	}
	by := actor.ForCommand("export accounts")
	if err := account.NoteExport(ctx, d, by, everybody.Size(), c.Hashes); err != nil {
		return err
	}
	if c.Output == "" {
		return everybody.Write(p.Out, c.Hashes)
	}
	if err := c.write(everybody.Write); err != nil {
		return err
	}
	p.Say("Written to %s: accounts: %d.", c.Output, everybody.Size())
	return nil
}

// write writes to a file that only its owner can read.
func (c *accounts) write(rows func(to io.Writer, hashes bool) error) error {
	file, err := os.OpenFile(filepath.Clean(c.Output), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return cli.UsageError("--output: " + c.Output + " is there already: name another file, or remove it")
	}
	if err != nil {
		return fmt.Errorf("write accounts: %w", err)
	}
	return errors.Join(rows(file, c.Hashes), file.Close())
}

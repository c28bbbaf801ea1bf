// Package exports is the command that writes what the directory and the care identity side have to files.
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
	Help:  "Write what this system has to a CSV file.",
	Flags: func() any { return new(flags) },
}

// flags are the commands that write files.
type flags struct {
	Accounts  accounts  `cmd:"" help:"The accounts and what they may do, as signpost import accounts reads them."`
	Questions questions `cmd:"" help:"What to ask the care identity side about each account, where the two sides cannot reach each other."`
	Answers   answers   `cmd:"" help:"Answers of the care identity side to the questions of a directory, as signpost import answers reads them."`
}

// toFile is the flag of a command that writes one file.
type toFile struct {
	Output string `help:"Write to this file, which must not be there yet. Without it, to standard output." type:"path" placeholder:"FILE"`
}

// accounts writes every account.
type accounts struct {
	cli.System
	toFile
	Hashes bool `help:"Write the hashes of passwords too. Whoever has the file can try passwords on them." name:"with-password-hashes"`
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
	if err := c.to(p, func(w io.Writer) error { return everybody.Write(w, c.Hashes) }); err != nil {
		return err
	}
	if c.Output != "" {
		p.Say("Written to %s: accounts: %d.", c.Output, everybody.Size())
	}
	return nil
}

// to writes to the file, which only its owner can read, or to standard output. A file that was not written whole is
// removed.
func (f *toFile) to(p *cli.Printer, rows func(w io.Writer) error) error {
	if f.Output == "" {
		return rows(p.Out)
	}
	path := filepath.Clean(f.Output)
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, os.ErrExist) {
		return cli.UsageError("--output: " + f.Output + " is there already: name another file, or remove it")
	}
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	if err := errors.Join(rows(file), file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

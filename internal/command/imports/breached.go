package imports

import (
	"context"
	"crypto/sha1" //nolint:gosec // what is published are SHA-1 digests; nothing is kept secret by it
	"fmt"
	"os"
	"path/filepath"

	"signpost/internal/command/cli"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/password"
	"signpost/internal/platform/password/breached"
)

// breachedFile reads a list of passwords that are known from breaches, which nobody may choose.
type breachedFile struct {
	cli.System
	cli.Output
	Apply bool   `help:"Make the list of this node by it, in the place of the one that is there. Without it nothing is changed."`
	File  string `arg:"" help:"A password a line, or SHA1:count a line as Have I Been Pwned gives them, in any order; gzip or not." type:"path"`
}

// breachedResult says what a file holds, and what became of it.
type breachedResult struct {
	breached.Counts
	Applied bool   `json:"applied"`
	Listed  int64  `json:"listed"` // passwords of the list that was made, each once
	Path    string `json:"path"`
}

// Run reads the file and says what it holds, or makes the list.
func (c *breachedFile) Run(_ context.Context, p *cli.Printer) error {
	settings, err := c.Read()
	if err != nil {
		return err
	}
	file, err := os.Open(filepath.Clean(c.File))
	if err != nil {
		return fmt.Errorf("%s: %s", filepath.Base(c.File), cli.Sentence(fmt.Errorf("cannot be opened: %w", err)))
	}
	defer func() { _ = file.Close() }() // it was only read
	result := breachedResult{Applied: c.Apply, Path: settings.BreachedPasswordsFile()}
	if c.Apply {
		err = c.build(file, &result)
	} else {
		take := func([sha1.Size]byte) error { return nil }
		result.Counts, err = breached.Read(file, int(password.WithCode), take)
		if err == nil {
			err = result.nothing()
		}
	}
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Base(c.File), err)
	}
	return c.report(p, result)
}

// build makes the list.
func (c *breachedFile) build(file *os.File, result *breachedResult) error {
	b, err := breached.Begin(result.Path)
	if err != nil {
		return err
	}
	defer b.Close()
	result.Counts, err = breached.Read(file, int(password.WithCode), b.Add)
	if err == nil {
		err = result.nothing()
	}
	if err != nil {
		return err
	}
	about := breached.About{Source: filepath.Base(c.File), Imported: clock.System{}.Now()}
	result.Listed, err = b.Finish(about)
	return err
}

// nothing refuses a file in which there is nothing for a list.
func (r breachedResult) nothing() error {
	if r.Passwords+r.Digests == 0 {
		return breached.ErrEmpty
	}
	return nil
}

func (c *breachedFile) report(p *cli.Printer, r breachedResult) error {
	return p.Result(r, func() {
		p.Say("%d passwords and %d digests of passwords.", r.Passwords, r.Digests)
		if r.Short > 0 {
			p.Say("Left out: %d that are shorter than the %d characters that a password needs.", r.Short,
				password.WithCode)
		}
		if r.Unread > 0 {
			p.Say("Left out: %d lines that are not in UTF-8.", r.Unread)
		}
		if !r.Applied {
			p.Say("Nothing was written. To write it: %s", c.CommandLine("import", "breached", c.File, "--apply"))
			return
		}
		p.Say("Made: %s, with %d passwords, each once. Nobody can choose one of them from now on. Copy the file to "+
			"every node, or run this there too.", r.Path, r.Listed)
	})
}

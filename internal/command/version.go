package command

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"signpost/internal/command/cli"
	"signpost/internal/licences"
	"signpost/internal/platform/when"
)

var versionCommand = cli.Command{
	Name:  "version",
	Help:  "Print which version this is.",
	Flags: func() any { return new(versionFlags) },
}

type versionFlags struct{ cli.Output }

// Run prints the version.
func (c *versionFlags) Run(_ context.Context, p *cli.Printer) error {
	b := built()
	return p.Result(b, func() { p.Say("%s %s", cli.Program, b) })
}

// build describes what the program was built from, and for what.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`  // empty where it was built outside a checkout
	Time    string `json:"time"`    // of the commit
	Changed bool   `json:"changed"` // the checkout had changes that were not committed
	Go      string `json:"go"`
	System  string `json:"system"`
}

// built reads what the compiler wrote into the program.
func built() build {
	b := build{Version: "(unknown)", Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH}
	info, found := debug.ReadBuildInfo()
	if !found {
		return b
	}
	b.Version = info.Main.Version
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			b.Commit = s.Value
		case "vcs.time":
			b.Time = s.Value
		case "vcs.modified":
			b.Changed = s.Value == "true"
		}
	}
	return b
}

// momentText words a time that the compiler wrote.
func momentText(text string) string {
	moment, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return when.DateTime(moment)
}

// String gives the version in one line.
func (b build) String() string {
	text := b.Version
	if b.Commit != "" {
		text += fmt.Sprintf(", commit %.12s of %s", b.Commit, momentText(b.Time))
	}
	if b.Changed {
		text += " with changes"
	}
	return fmt.Sprintf("%s (%s, %s)", text, b.Go, b.System)
}

var licencesCommand = cli.Command{
	Name:  "licences",
	Help:  "Print the notices of everything that the program is built from.",
	Flags: func() any { return new(licencesFlags) },
}

type licencesFlags struct{}

// Run prints them.
func (*licencesFlags) Run(_ context.Context, p *cli.Printer) error {
	_, err := fmt.Fprint(p.Out, licences.ThirdParty)
	return err
}

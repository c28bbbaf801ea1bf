package command

import (
	"context"
	"fmt"

	"signpost/internal/command/cli"
	"signpost/internal/licences"
)

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

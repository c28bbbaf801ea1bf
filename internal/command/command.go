// Package command is the command line: it reads arguments, runs what they ask for, and prints what came of
// it. Each command stands in a file of its own and in the list of commands below; help is made from both. A command
// that has several below it may have a folder. What all are made of is package cli.
// It wires nothing itself: sides are opened by package app.
package command

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"signpost/internal/command/admin"
	"signpost/internal/command/cards"
	"signpost/internal/command/cli"
	"signpost/internal/command/exports"
	"signpost/internal/command/imports"
	"signpost/internal/command/rollouts"
	"signpost/internal/platform/db"
)

// commands are listed in the order in which help shows them.
var commands = []cli.Command{
	demoCommand,
	serveCommand,
	doctorCommand,
	explainCommand,
	readinessCommand,
	rollouts.Command,
	imports.Command,
	exports.Command,
	admin.Command,
	cards.Command,
	doubleCommand,
	keysCommand,
	dbCommand,
	checkRPCommand,
	versionCommand,
	licencesCommand,
}

// maxWait is how long a command waits for its database, such as in a large import.
const maxWait = 10 * time.Minute

// everywhere are the flags that can be given without a command.
type everywhere struct {
	Version kong.VersionFlag `help:"Print which version this is."`
}

// Main runs the command that args name and gives the exit code.
func Main(ctx context.Context, args []string, out, errs io.Writer) int {
	ctx = db.Patient(ctx, maxWait) // requests that a command serves have contexts of their own
	p := &cli.Printer{Out: out, Errs: errs}
	stopped := -1
	parser, err := newParser(kong.Writers(out, errs), kong.Exit(func(code int) { stopped = code }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(p))
	if err != nil {
		return cli.ExitCode(err, cli.Program, errs)
	}
	chosen, err := parser.Parse(args)
	if stopped >= 0 {
		return stopped // --help or --version said all there is to say
	}
	if err != nil {
		return cli.ExitCode(cli.UsageError(err.Error()), commandOf(err), errs)
	}
	p.JSON = cli.WantsJSON(chosen)
	err = chosen.Run()
	code := cli.ExitCode(err, chosen.Selected().FullPath(), p.Errs)
	p.Close()
	return code
}

// commandOf names the command that was being read when arguments turned out not to fit.
func commandOf(err error) string {
	words := []string{cli.Program}
	parsing, is := errors.AsType[*kong.ParseError](err)
	if !is {
		return cli.Program
	}
	for _, part := range parsing.Context.Path {
		if part.Command != nil {
			words = append(words, part.Command.Name)
		}
	}
	return strings.Join(words, " ")
}

// newParser makes the grammar of the command line from the list of commands.
func newParser(options ...kong.Option) (*kong.Kong, error) {
	options = append(options, kong.Name(cli.Program), kong.Vars{"version": cli.Program + " " + built().String()},
		kong.Description("A Directory of Services that people enter with their own Care Identity."))
	for _, c := range commands {
		options = append(options, kong.DynamicCommand(c.Name, c.Help, "", c.Flags()), c.Vars)
	}
	return kong.New(&everywhere{}, options...)
}

// Package command is the command line: it reads arguments, runs what they ask for, and prints what came of
// it. Each command stands in a file of its own and in the list of commands below; help is made from both.
// It wires nothing itself: sides are opened by package app.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"signpost/internal/platform/fault"
)

// command is a word that can follow signpost.
type command struct {
	name string
	help string // one line
	// flags makes a struct whose fields are the command's flags and arguments, described by their tags. Its
	// method Run(context.Context, *printer) error does the work; a field with the tag cmd is a command below
	// this one and has its own Run.
	flags func() any
}

// commands are listed in the order in which help shows them.
var commands = []command{
	demoCommand,
	serveCommand,
	importCommand,
	adminCommand,
	doubleCommand,
	keysCommand,
	checkRPCommand,
}

// Main runs the command that args name and gives the exit code.
func Main(ctx context.Context, args []string, out, errs io.Writer) int {
	p := &printer{out: out, errs: errs}
	stopped := -1
	parser, err := newParser(kong.Writers(out, errs), kong.Exit(func(code int) { stopped = code }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(p))
	if err != nil {
		return exitCode(err, errs)
	}
	chosen, err := parser.Parse(args)
	if stopped >= 0 {
		return stopped // --help said all there is to say
	}
	if err != nil {
		parser.FatalIfErrorf(err)
		return exitUsage
	}
	p.json = wantsJSON(chosen)
	return exitCode(chosen.Run(), errs)
}

// newParser makes the grammar of the command line from the list of commands.
func newParser(options ...kong.Option) (*kong.Kong, error) {
	options = append(options, kong.Name("signpost"), kong.UsageOnError(),
		kong.Description("A Directory of Services that people enter with their own Care Identity."),
		importVars)
	for _, c := range commands {
		options = append(options, kong.DynamicCommand(c.name, c.help, "", c.flags()))
	}
	return kong.New(&struct{}{}, options...)
}

// Exit codes of the command line.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitRefused = 3 // done, but some rows were refused, each named with why
)

// errRefusedRows is given by a command that did its work but left rows out, each of which it printed.
var errRefusedRows = errors.New("some rows were refused")

// usageError is given by a command that was asked for in a way that cannot be.
type usageError string

// Error says what is wrong with the usage.
func (u usageError) Error() string { return string(u) }

// exitCode turns what a command gave into its exit code, and says what went wrong.
func exitCode(err error, errs io.Writer) int {
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errRefusedRows):
		return exitRefused
	case errors.As(err, &usage):
		fmt.Fprintln(errs, "signpost:", usage)
		return exitUsage
	}
	fmt.Fprintln(errs, "signpost:", sentence(err))
	return exitFailed
}

// sentence is what a person at the command line is told: the fault's words, or the error itself, since
// whoever runs the command is also who reads the log.
func sentence(err error) string {
	f, known := fault.From(err)
	if !known || f.Says == "" {
		return err.Error()
	}
	if f.Cure == "" {
		return f.Says
	}
	return f.Says + " " + f.Cure
}

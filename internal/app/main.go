// Package app is the wiring: configuration, the subcommands, and which sites run where. It decides
// nothing about the directory or about care identities.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"signpost/internal/platform/fault"
)

// Exit codes of the command line.
const (
	exitDone    = 0
	exitFailed  = 1
	exitUsage   = 2
	exitRefused = 3 // done, but some rows were refused, each named with why
)

// commands is the command line's grammar.
type commands struct {
	Demo    demoCommand    `cmd:"" help:"Run the whole system on sample data, on this machine only. Nothing is kept."`
	Serve   serveCommand   `cmd:"" help:"Run for real, as --config says."`
	Import  importCommand  `cmd:"" help:"Read organisations, services or postcodes from a file. Changes nothing unless --apply is given."`
	Admin   adminCommand   `cmd:"" help:"Give the first rights, which nobody has yet to give."`
	Double  doubleCommand  `cmd:"" help:"A stand-in for CIS2 on this machine, to test a service with: the people and clients of one file."`
	Keys    keysCommand    `cmd:"" help:"Look after the keys that sign: list them, rotate them."`
	CheckRP checkRPCommand `cmd:"" name:"check-rp" help:"Hold a relying party against what CIS2 asks of one, with a provider that lies."`
}

// streams are where a command writes: results to out, progress and complaints to err.
type streams struct{ out, err io.Writer }

// errRefusedRows is a command that did its work but left rows out.
var errRefusedRows = errors.New("some rows were refused")

// Main runs the command that args name and gives the exit code.
func Main(ctx context.Context, args []string, out, errs io.Writer) int {
	var grammar commands
	stopped := -1
	parser, err := kong.New(&grammar,
		kong.Name("signpost"), kong.Description("A Directory of Services that people enter with their own Care Identity."),
		kong.Writers(out, errs), kong.Exit(func(code int) { stopped = code }), kong.UsageOnError(),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(streams{out: out, err: errs}),
	)
	if err != nil {
		fmt.Fprintln(errs, "signpost:", err)
		return exitFailed
	}
	chosen, err := parser.Parse(args)
	if stopped >= 0 {
		return stopped // --help said all there is to say
	}
	if err != nil {
		parser.FatalIfErrorf(err)
		return exitUsage
	}
	return exitCode(chosen.Run(), errs)
}

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

// usageError is a command that was asked for in a way that cannot be.
type usageError string

// Error says what is wrong with the usage.
func (u usageError) Error() string { return string(u) }

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

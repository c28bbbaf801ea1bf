// Package command is the command line: it reads arguments, runs what they ask for, and prints what came of
// it. Each command stands in a file of its own and in the list of commands below; help is made from both.
// It wires nothing itself: sides are opened by package app.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"signpost/internal/platform/db"
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
	dbCommand,
	checkRPCommand,
	versionCommand,
	licencesCommand,
}

// maxWait is how long a command waits for its database, such as in a large import.
const maxWait = 10 * time.Minute

// program is the first word of a command line.
const program = "signpost"

// everywhere are the flags that can be given without a command.
type everywhere struct {
	Version kong.VersionFlag `help:"Print which version this is."`
}

// Main runs the command that args name and gives the exit code.
func Main(ctx context.Context, args []string, out, errs io.Writer) int {
	ctx = db.Patient(ctx, maxWait) // requests that a command serves have contexts of their own
	p := &printer{out: out, errs: errs}
	stopped := -1
	parser, err := newParser(kong.Writers(out, errs), kong.Exit(func(code int) { stopped = code }),
		kong.BindTo(ctx, (*context.Context)(nil)), kong.Bind(p))
	if err != nil {
		return exitCode(err, program, errs)
	}
	chosen, err := parser.Parse(args)
	if stopped >= 0 {
		return stopped // --help or --version said all there is to say
	}
	if err != nil {
		return exitCode(usageError(err.Error()), commandOf(err), errs)
	}
	p.json = wantsJSON(chosen)
	err = chosen.Run()
	code := exitCode(err, chosen.Selected().FullPath(), p.errs)
	p.close()
	return code
}

// commandOf names the command that was being read when arguments turned out not to fit.
func commandOf(err error) string {
	words := []string{program}
	parsing, is := errors.AsType[*kong.ParseError](err)
	if !is {
		return program
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
	options = append(options, kong.Name(program), kong.Vars{"version": program + " " + built().String()}, importVars,
		kong.Description("A Directory of Services that people enter with their own Care Identity."))
	for _, c := range commands {
		options = append(options, kong.DynamicCommand(c.name, c.help, "", c.flags()))
	}
	return kong.New(&everywhere{}, options...)
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

// exitCode turns what a command gave into its exit code, and prints what went wrong. The help of the command is named
// where it was used in a way that cannot be.
func exitCode(err error, name string, errs io.Writer) int {
	var usage usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errRefusedRows):
		return exitRefused
	case errors.As(err, &usage):
		fmt.Fprintf(errs, "%s: %s. See %s --help.\n", program, usageText(usage.Error()), name)
		return exitUsage
	}
	if errors.Is(err, db.ErrUnreached) {
		err = cured(err)
	}
	fmt.Fprintf(errs, "%s: %s\n", program, sentence(err))
	return exitFailed
}

// usageText is the text of a wrong usage as part of a sentence. The parser names five commands at most and writes
// dots for the others.
func usageText(text string) string {
	if first, more := strings.CutSuffix(text, ", ..."); more {
		return first + " or another"
	}
	return strings.TrimRight(text, ".?")
}

// sentence tells a person at the command line what went wrong: the fault's words, or the error itself, since
// whoever runs the command is also who reads the log.
func sentence(err error) string {
	f, known := fault.From(err)
	if !known || f.Message == "" {
		return err.Error()
	}
	if f.Cure == "" {
		return f.Message
	}
	return f.Message + " " + f.Cure
}

package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Exit codes of the command line.
const (
	ExitDone    = 0
	ExitFailed  = 1
	ExitUsage   = 2
	ExitRefused = 3 // done, but some rows were refused, each named with why
)

// ErrRefusedRows is given by a command that did its work but left rows out, each of which it printed.
var ErrRefusedRows = errors.New("some rows were refused")

// UsageError is given by a command that was asked for in a way that cannot be.
type UsageError string

// Error says what is wrong with the usage.
func (u UsageError) Error() string { return string(u) }

// ExitCode turns what a command gave into its exit code, and prints what went wrong. The help of the command is named
// where it was used in a way that cannot be.
func ExitCode(err error, name string, errs io.Writer) int {
	var usage UsageError
	switch {
	case err == nil:
		return ExitDone
	case errors.Is(err, ErrRefusedRows):
		return ExitRefused
	case errors.As(err, &usage):
		fmt.Fprintf(errs, "%s: %s. See %s --help.\n", Program, plain(usageText(usage.Error())), name)
		return ExitUsage
	}
	if errors.Is(err, db.ErrUnreached) {
		err = Cured(err)
	}
	fmt.Fprintf(errs, "%s: %s\n", Program, plain(Sentence(err)))
	return ExitFailed
}

// usageText is the text of a wrong usage as part of a sentence. The parser names five commands at most and writes
// dots for the others.
func usageText(text string) string {
	if first, more := strings.CutSuffix(text, ", ..."); more {
		return first + " or another"
	}
	return strings.TrimRight(text, ".?")
}

// Sentence tells a person at the command line what went wrong: the fault's words, or the error itself, since
// whoever runs the command is also who reads the log.
func Sentence(err error) string {
	f, known := fault.From(err)
	if !known || f.Message == "" {
		return err.Error()
	}
	if f.Cure == "" {
		return f.Message
	}
	return f.Message + " " + f.Cure
}

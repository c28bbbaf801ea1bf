package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	"unicode"

	"github.com/alecthomas/kong"

	"signpost/internal/platform/backlog"
)

// Output is the flag of every command that has a result. A command embeds it and hands its result to
// Printer.Result.
type Output struct {
	JSON bool `help:"Print the result as JSON." name:"json"`
}

func (o *Output) wantsJSON() bool { return o.JSON }

// WantsJSON reports whether the command that was chosen has the flag --json and it was given.
func WantsJSON(chosen *kong.Context) bool {
	flags, has := chosen.Selected().Target.Addr().Interface().(interface{ wantsJSON() bool })
	return has && flags.wantsJSON()
}

// Printer writes what a command has to tell: its result to standard output, how far it has come to standard
// error.
type Printer struct {
	Out     io.Writer
	Errs    io.Writer
	JSON    bool           // the result is wanted as JSON, alone on standard output
	waiting []*backlog.Log // what Out and Errs are, of a command that keeps serving
}

// KeepServing makes the command outlive whoever reads its output: what it prints from now on waits for nobody, and a
// reader that goes away does not end it, nor does one that stalls keep it from ending. Other commands end then, as
// programs do on Unix.
func (p *Printer) KeepServing() {
	signal.Ignore(syscall.SIGPIPE)
	if file, is := p.Errs.(*os.File); is {
		p.Errs = backlog.Apart(file)
	}
	out := backlog.New(p.Out)
	errs := backlog.New(p.Errs)
	p.Out = out
	p.Errs = errs
	log.SetOutput(errs) // where libraries write that take no log of ours
	p.waiting = append(p.waiting, out, errs)
}

// lastLines is how long the last lines may take to be read.
const lastLines = 2 * time.Second

// Close writes what was printed and still waits.
func (p *Printer) Close() {
	for _, l := range p.waiting {
		l.Close(lastLines)
	}
}

// DroppedLines counts what was printed and could not be written.
func (p *Printer) DroppedLines() float64 {
	var n int64
	for _, l := range p.waiting {
		n += l.Dropped()
	}
	return float64(n)
}

// Say prints a line for people, which with --json goes to standard error. What a file has that tells a terminal to do
// something, such as to take back what was printed, is shown as a sign that it is there.
func (p *Printer) Say(format string, args ...any) {
	to := p.Out
	if p.JSON {
		to = p.Errs
	}
	fmt.Fprintln(to, plain(fmt.Sprintf(format, args...)))
}

// plain is a text without what tells a terminal to do something.
func plain(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsControl(c) && c != '\n' && c != '\t' {
			return unicode.ReplacementChar
		}
		return c
	}, text)
}

// Result prints what came of a command: value as JSON, or what text says of it.
func (p *Printer) Result(value any, text func()) error {
	if p.JSON {
		return json.NewEncoder(p.Out).Encode(value)
	}
	text()
	return nil
}

// Progress begins to tell how far long work has come.
func (p *Printer) Progress() *Progress { return newProgress(p.Errs) }

// Listed is a list that JSON writes as one, also where it is empty.
func Listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

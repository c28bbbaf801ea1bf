package command

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"signpost/internal/platform/backlog"
)

// output is the flag of every command that has a result. A command embeds it and hands its result to
// printer.result.
type output struct {
	JSON bool `help:"Print the result as JSON." name:"json"`
}

func (o *output) wantsJSON() bool { return o.JSON }

// wantsJSON reports whether the command that was chosen has the flag --json and it was given.
func wantsJSON(chosen *kong.Context) bool {
	flags, has := chosen.Selected().Target.Addr().Interface().(interface{ wantsJSON() bool })
	return has && flags.wantsJSON()
}

// printer writes what a command has to tell: its result to standard output, how far it has come to standard
// error.
type printer struct {
	out     io.Writer
	errs    io.Writer
	json    bool           // the result is wanted as JSON, alone on standard output
	waiting []*backlog.Log // what out and errs are, of a command that keeps serving
}

// keepServing makes the command outlive whoever reads its output: what it prints from now on waits for nobody, and a
// reader that goes away does not end it, nor does one that stalls keep it from ending. Other commands end then, as
// programs do on Unix.
func (p *printer) keepServing() {
	signal.Ignore(syscall.SIGPIPE)
	if file, is := p.errs.(*os.File); is {
		p.errs = backlog.Apart(file)
	}
	out := backlog.New(p.out)
	errs := backlog.New(p.errs)
	p.out = out
	p.errs = errs
	log.SetOutput(errs) // where libraries write that take no log of ours
	p.waiting = append(p.waiting, out, errs)
}

// lastLines is how long the last lines may take to be read.
const lastLines = 2 * time.Second

// close writes what was printed and still waits.
func (p *printer) close() {
	for _, l := range p.waiting {
		l.Close(lastLines)
	}
}

// droppedLines counts what was printed and could not be written.
func (p *printer) droppedLines() float64 {
	var n int64
	for _, l := range p.waiting {
		n += l.Dropped()
	}
	return float64(n)
}

// say prints a line for people, which with --json goes to standard error.
func (p *printer) say(format string, args ...any) {
	to := p.out
	if p.json {
		to = p.errs
	}
	fmt.Fprintf(to, format+"\n", args...)
}

// result prints what came of a command: value as JSON, or what text says of it.
func (p *printer) result(value any, text func()) error {
	if p.json {
		return json.NewEncoder(p.out).Encode(value)
	}
	text()
	return nil
}

// progress begins to tell how far long work has come.
func (p *printer) progress() *progress { return newProgress(p.errs) }

// listed is a list that JSON writes as one, also where it is empty.
func listed[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

// progress tells how far long work has come: on a terminal in one line that changes, elsewhere in a plain
// line now and then.
type progress struct {
	out      io.Writer
	terminal bool
	shown    bool   // a line of a terminal is not ended yet
	what     string // the work of the last line
	step     int    // how far it had come then, in steps
}

func newProgress(out io.Writer) *progress {
	p := &progress{out: out}
	if f, ok := out.(*os.File); ok {
		about, err := f.Stat()
		p.terminal = err == nil && about.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// Elsewhere than on a terminal a line is written for each tenth of the work, or for so many rows where
// nobody knows how many there are.
const (
	tenths   = 10
	manyRows = 20_000
)

// say shows how much of total is done; a total of 0 is not known.
func (p *progress) say(what string, done, total int) {
	text := fmt.Sprintf("%d rows %s", done, what)
	step := done / manyRows
	if total > 0 {
		text = fmt.Sprintf("%d of %d %s (%d%%)", done, total, what, done*100/total)
		step = done * tenths / total
	}
	if what != p.what {
		p.done()
		p.what = what
		p.step = 0
	}
	if p.terminal {
		fmt.Fprintf(p.out, "\r%s", text)
		p.shown = true
		return
	}
	if step > p.step {
		p.step = step
		fmt.Fprintln(p.out, text)
	}
}

// of tells how far work of one kind has come.
func (p *progress) of(what string) func(done, total int) {
	return func(done, total int) { p.say(what, done, total) }
}

// done ends the line.
func (p *progress) done() {
	if p.shown {
		fmt.Fprintln(p.out)
		p.shown = false
	}
}

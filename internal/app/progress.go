package app

import (
	"fmt"
	"io"
	"os"
)

// progress tells how far long work has come: on a terminal in one line that changes, elsewhere not at
// all, as the result says it.
type progress struct {
	out      io.Writer
	terminal bool
	shown    bool
}

func newProgress(out io.Writer) *progress {
	p := &progress{out: out}
	if f, ok := out.(*os.File); ok {
		about, err := f.Stat()
		p.terminal = err == nil && about.Mode()&os.ModeCharDevice != 0
	}
	return p
}

// say shows how much of total is done; a total of 0 is not known.
func (p *progress) say(what string, done, total int) {
	if !p.terminal {
		return
	}
	p.shown = true
	if total == 0 {
		fmt.Fprintf(p.out, "\r%d rows %s", done, what)
		return
	}
	fmt.Fprintf(p.out, "\r%d of %d %s (%d%%)", done, total, what, done*100/total)
}

// done ends the line.
func (p *progress) done() {
	if p.shown {
		fmt.Fprintln(p.out)
		p.shown = false
	}
}

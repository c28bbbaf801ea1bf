package cli

import (
	"fmt"
	"io"
	"os"
)

// Progress tells how far long work has come: on a terminal in one line that changes, elsewhere in a plain
// line now and then.
type Progress struct {
	out      io.Writer
	terminal bool
	shown    bool   // a line of a terminal is not ended yet
	what     string // the work of the last line
	step     int    // how far it had come then, in steps
}

func newProgress(out io.Writer) *Progress {
	p := &Progress{out: out}
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

// Say shows how much of total is done; a total of 0 is not known.
func (p *Progress) Say(what string, done, total int) {
	text := fmt.Sprintf("%d rows %s", done, what)
	step := done / manyRows
	if total > 0 {
		text = fmt.Sprintf("%d of %d %s (%d%%)", done, total, what, done*100/total)
		step = done * tenths / total
	}
	if what != p.what {
		p.Done()
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

// Of tells how far work of one kind has come.
func (p *Progress) Of(what string) func(done, total int) {
	return func(done, total int) { p.Say(what, done, total) }
}

// Done ends the line.
func (p *Progress) Done() {
	if p.shown {
		fmt.Fprintln(p.out)
		p.shown = false
	}
}

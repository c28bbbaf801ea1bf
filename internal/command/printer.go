package command

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
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
	out  io.Writer
	errs io.Writer
	json bool // the result is wanted as JSON, alone on standard output
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

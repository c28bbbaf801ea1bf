// Package cli has the parts that every command of the command line shares: how one is declared, the flags that several
// have, the printer of results, and the words of errors and exit codes. It knows no command.
package cli

import "github.com/alecthomas/kong"

// Program is the first word of a command line.
const Program = "signpost"

// Command is a word that can follow the program's name.
type Command struct {
	Name string
	Help string // one line
	// Flags makes a struct whose fields are the command's flags and arguments, described by their tags. Its
	// method Run(context.Context, *Printer) error does the work; a field with the tag cmd is a command below
	// this one and has its own Run.
	Flags func() any
	Vars  kong.Vars // what ${…} in its help stands for; none if nil
}

// Package admin has the commands for what those who run the system may do without rights on any page: to let the first
// people in, look after clients, end locks, settle usernames and change accounts that no administrator may.
package admin

import (
	"signpost/internal/command/cli"
	"signpost/internal/platform/fault"
)

// Command is signpost admin.
var Command = cli.Command{
	Name: "admin",
	Help: "Do what those who run the system may do without rights on any page: let the first people in, look after " +
		"clients, end locks, settle usernames.",
	Flags: func() any { return new(flags) },
}

// flags are the commands below it.
type flags struct {
	FirstLink firstLink `cmd:"" help:"Make the first person of a site, and the one-time link by which they come in."`

	Client   clients   `cmd:"" help:"Suspend a client of CIS2, resume it, or approve it."`
	Operator operator  `cmd:"" help:"Let a Care Identity operate the clients of CIS2: see every team's, approve and suspend them, send their logout notices again."`
	Unlock   unlock    `cmd:"" help:"End the locks of a Care Identity's authenticators, after too many wrong attempts."`
	Account  accounts  `cmd:"" help:"Deactivate an account of the directory that manages users everywhere, or take a group away from it."`
	Username usernames `cmd:"" help:"Usernames of the directory that differ only in capital and small letters."`
}

var errNoNumber = fault.SayCure(fault.NotFound, "There is no Care Identity with that number.",
	"Give the 12 digits as they stand on the person's profile.")

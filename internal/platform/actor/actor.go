// Package actor names who does a thing: every change and every event in the audit has one.
package actor

// Kind says what sort of actor it is.
type Kind string

// The actors there are.
const (
	Person      Kind = "person"       // somebody signed in
	Stranger    Kind = "stranger"     // somebody not signed in, known by what they try
	Machine     Kind = "machine"      // a registered client or another system
	Job         Kind = "job"          // our own background work
	CommandLine Kind = "command-line" // whoever runs the signpost command on this machine
	Import      Kind = "import"       // a file being read in
)

// Actor is who does a thing, in which role, and in which request.
type Actor struct {
	Kind    Kind
	ID      string // account id, care identity UUID, client id, job or import id
	Name    string // as people would say it; kept only in the erasable part of the audit
	Role    string // the role they act in: a role profile id, a permission, or empty
	Request string // id of the request it belongs to; empty outside a request

	// What limits count by, and mailed codes belong to. No event keeps them.
	Network string // from which the request came, or a browser that limits tell from it; empty outside a request
	Session string // id of the session on their browser; empty without one

	// Address is where the request came from. Events of refusals keep as much of it as the operator decides.
	Address string
}

// ForJob is the actor of a background job of the given kind.
func ForJob(kind, id string) Actor { return Actor{Kind: Job, ID: id, Name: kind} }

// ForCommand is the actor of a subcommand of the command line.
func ForCommand(name string) Actor {
	return Actor{Kind: CommandLine, ID: name, Name: "signpost " + name}
}

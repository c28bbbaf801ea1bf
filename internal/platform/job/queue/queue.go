// Package queue names the queues in which jobs wait. Each has workers of its own, so that a mail server or a service
// that does not answer keeps no other work waiting.
package queue

// Name is a queue. A kind of job says by a method Queue in which it waits; others wait in Usual.
type Name string

// The queues.
const (
	Usual      Name = "default"    // what nobody waits for: sweeps, reports
	Revocation Name = "revocation" // somebody must be out at once
	Notices    Name = "notices"    // services are told that a session has ended
	Mail       Name = "mail"
)

// AtOnce says how many jobs of each queue run at once on a node.
func AtOnce() map[Name]int {
	return map[Name]int{Usual: 4, Revocation: 4, Notices: 8, Mail: 4}
}

// Of gives the queue in which a job waits.
func Of(job any) Name {
	if q, is := job.(interface{ Queue() Name }); is {
		return q.Queue()
	}
	return Usual
}

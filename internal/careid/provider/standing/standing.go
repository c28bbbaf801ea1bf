// Package standing has the one rule about what a sign-in rests on: its client, its person, the authenticator that
// proved them and, for a client on trial, the client's team. Any of it may change while a page is open or a code waits,
// so the rule is asked when a session is used, when the service gets its code, and when it redeems the code. The
// package does not know what follows where something does not hold.
package standing

import (
	"context"
	"errors"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Part is one of the things that a sign-in rests on.
type Part string

// The parts.
const (
	Client        Part = "client"
	Person        Part = "person"
	Authenticator Part = "authenticator"
	Team          Part = "team"
)

// Fallen is a part that does not hold any more.
type Fallen struct {
	Part  Part
	Cause error // of Client, as request.Request.Standing gives it
}

// Reason says for the errors of the client what was changed.
func (f *Fallen) Reason() string {
	switch f.Part {
	case Client:
		return "the client was changed: " + f.Cause.Error()
	case Person:
		return "the care identity is not active any more"
	case Authenticator:
		return "the authenticator that proved it may not be used any more"
	}
	return "the client is on trial, and the person is not of its team any more"
}

// Facts say what a sign-in rests on, as it is now. What does not exist is zero.
type Facts struct {
	Client        client.Client
	Person        identity.Status
	Authenticator authenticator.Status
	Stranger      bool // to a client on trial
}

// Problem returns what does not hold that a request to sign somebody in rests on; nil if all of it does. Nothing else
// decides this.
func (f Facts) Problem(r request.Request) *Fallen {
	if cause := r.Standing(f.Client); cause != nil {
		return &Fallen{Part: Client, Cause: cause}
	}
	return f.ProofProblem()
}

// ProofProblem is Problem for a request that was read from its client just now.
func (f Facts) ProofProblem() *Fallen {
	switch {
	case f.Person != identity.Active:
		return &Fallen{Part: Person}
	case f.Authenticator != authenticator.Active:
		return &Fallen{Part: Authenticator}
	case f.Stranger:
		return &Fallen{Part: Team}
	}
	return nil
}

// Question asks for the facts in one journey with other queries. What it does not ask for, whoever asks has read
// already.
type Question struct {
	client        *db.Answer[client.Client]
	person        *db.Answer[identity.Status]
	authenticator *db.Answer[authenticator.Status]
	member        *db.Answer[bool]
	queries       []db.Query
	known         Facts
}

// Ask asks for everything that a sign-in rests on.
func Ask(r request.Request, proven authenticator.Proven, now time.Time) *Question {
	q := AskProof(r, proven)
	q.askClient(r, now)
	q.person = identity.AskStatus(proven.UUID)
	q.queries = append(q.queries, q.person)
	return q
}

// AskClient asks for the client only, in an Update that itself accepts the proof of somebody who may sign in.
func AskClient(r request.Request, now time.Time) *Question {
	q := &Question{known: Facts{Person: identity.Active, Authenticator: authenticator.Active}}
	q.askClient(r, now)
	return q
}

func (q *Question) askClient(r request.Request, now time.Time) {
	q.client = client.Ask(r.ClientID, now)
	q.queries = append(q.queries, q.client)
}

// AskProof asks for the authenticator and the team, beside a client and a person that are read for more than this.
func AskProof(r request.Request, proven authenticator.Proven) *Question {
	q := &Question{authenticator: authenticator.AskStatus(proven.AuthenticatorID)}
	q.queries = append(q.queries, q.authenticator)
	if r.OnTrial {
		q.member = team.AskHas(r.Team, proven.UUID)
		q.queries = append(q.queries, q.member)
	}
	return q
}

// IsStranger reports whether a request is of a client on trial and a person is not of its team.
func IsStranger(ctx context.Context, r db.R, req request.Request, uuid string) (bool, error) {
	if !req.OnTrial {
		return false, nil
	}
	member, err := team.Has(ctx, r, req.Team, uuid)
	return !member, err
}

// Queries lists the queries to send.
func (q *Question) Queries() []db.Query { return q.queries }

// Facts gives the facts. The queries were sent before.
func (q *Question) Facts() (Facts, error) {
	f := q.known
	member := q.member == nil
	err := errors.Join(read(q.client, &f.Client), read(q.person, &f.Person), read(q.authenticator, &f.Authenticator),
		read(q.member, &member))
	f.Stranger = !member
	return f, err
}

// read reads what was asked for, if it was and it exists.
func read[T any](answer *db.Answer[T], into *T) error {
	if answer == nil {
		return nil
	}
	found, err := answer.One()
	if errors.Is(err, fault.NotFound) {
		return nil
	}
	*into = found
	return err
}

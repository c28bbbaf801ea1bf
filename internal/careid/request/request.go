// Package request keeps what registration authorities are asked for, from the first word to the one decision: who asks
// for what about whom, who looks at it, and what became of it.
//
// It holds that nobody decides what they asked for or what is about themselves. It does not know who else may decide,
// nor how what was asked for is done: the rooms above register that.
package request

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
)

// Subject is whom a request is about: a care identity, or somebody who is described.
type Subject struct {
	UUID        string // empty for somebody who is described
	Name        string
	Email       string
	EmailProved time.Time // when a code that was mailed there was typed; zero if none was
	Stated      string    // number of a care identity that they say is theirs, which nobody has looked at; may be empty
}

// Request is one request, as it is now.
type Request struct {
	ID           string
	Number       string // by which people name it; random.Grouped for reading it aloud
	Subject      Subject
	Organisation string // ODS code
	AskedBy      string // number of a care identity; empty for somebody without one
	Asked        time.Time
	Sent         int // how many times: more than one where it was fixed
	What         What
	Reason       string
	State        State
	Due          time.Time
	Look         Look

	DecidedBy string // number of a care identity; empty if nobody decided, or it ended by itself
	Decided   time.Time
	Decision  string // why it was rejected or withdrawn, or ended
	Notes     string
	Swapped   bool // the one who decided had something of their own decided by the one who asked, within 30 days
}

// Kind says what sort of thing is asked for.
func (q Request) Kind() Kind { return q.What.Kind() }

// Ref names a request in events.
func Ref(id string) audit.Ref { return audit.Ref{Kind: "ra-request", ID: id} }

// The kinds of events that this package records.
const (
	eventOpened    audit.Kind = "ra-request.opened"
	eventLooked    audit.Kind = "ra-request.looked-at"
	eventLeft      audit.Kind = "ra-request.left"
	eventCompleted audit.Kind = "ra-request.completed"
	eventRejected  audit.Kind = "ra-request.rejected"
	eventSentAgain audit.Kind = "ra-request.sent-again"
	eventWithdrawn audit.Kind = "ra-request.withdrawn"
	eventEnded     audit.Kind = "ra-request.ended"
	eventRefused   audit.Kind = "ra-request.refused"
)

// New is a request that is about to be made.
type New struct {
	Subject      Subject
	Organisation string // ODS code
	What         What
	Reason       string

	// ByAddress is that whoever reads the subject's address asks, and not the actor, who may be logged in as somebody.
	ByAddress bool
}

const (
	maxReason = 500 // characters
	maxNotes  = 2000
)

var (
	errNoReason   = fault.OfField("reason", "Enter why this is asked for")
	errLongReason = fault.OfField("reason", fmt.Sprintf("Enter the reason in %d characters or fewer", maxReason))
	errNoSubject  = fault.OfField("name", "Enter the name of the person and a work email address that they proved")
)

// check says what is wrong with a request that is about to be made.
func (n New) check() error {
	known, is := kinds[n.What.Kind()]
	if !is {
		return fmt.Errorf("request of unknown kind %q", n.What.Kind())
	}
	if n.Subject.UUID == "" && !n.Subject.describedFor(known) {
		return errNoSubject
	}
	if err := checkReason(n.Reason); err != nil {
		return err
	}
	return n.What.Check()
}

// describedFor reports whether somebody without a care identity is described as a kind of request needs them.
func (s Subject) describedFor(k kind) bool {
	if k.recorded {
		return s.Name != ""
	}
	return k.described && s.Name != "" && s.Email != "" && !s.EmailProved.IsZero()
}

func checkReason(reason string) error {
	switch {
	case strings.TrimSpace(reason) == "":
		return errNoReason
	case utf8.RuneCountInString(reason) > maxReason:
		return errLongReason
	}
	return nil
}

const insertRequest = `INSERT INTO ra_request (id, number, kind, subject, name, email, email_proved_at, organisation,
	asked_by, asked_at, sent, what, reason, state, due_at, look_by, decided_by, decision, notes, swapped, stated)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12, $13, $14, '', '', '', '', FALSE, $15)`

// Open makes a request of the actor's, as a part of an Update whose caller has made sure that they may ask for it.
func Open(ctx context.Context, w *db.W, n New) (Request, error) {
	n.Reason = strings.TrimSpace(n.Reason)
	if err := n.check(); err != nil {
		return Request{}, err
	}
	due, err := DueAfter(ctx, w, w.Now())
	if err != nil {
		return Request{}, err
	}
	q := Request{
		ID: random.ID(), Number: random.Code(), Subject: n.Subject, Organisation: n.Organisation, Asked: w.Now(),
		Sent: 1, What: n.What, Reason: n.Reason, State: Waiting, Due: due,
	}
	opened := audit.Event{Kind: eventOpened, Subject: Ref(q.ID), Reason: q.Reason, After: q.told()}
	switch {
	case n.ByAddress:
		opened.Reason = "" // a stranger may have written anything in it
	case w.Actor().Kind == actor.Person:
		q.AskedBy = w.Actor().ID
	}
	what, err := json.Marshal(n.What)
	if err != nil {
		return q, fmt.Errorf("open request: %w", err)
	}
	_, err = w.Exec(ctx, insertRequest, q.ID, q.Number, string(q.Kind()), q.Subject.UUID, q.Subject.Name,
		q.Subject.Email, q.Subject.EmailProved, q.Organisation, q.AskedBy, q.Asked, string(what), q.Reason,
		string(q.State), q.Due, q.Subject.Stated)
	if err != nil {
		return q, fmt.Errorf("open request: %w", err)
	}
	return q, w.Record(ctx, opened)
}

// told is what events say of a request. What is asked for is told in full where it changes what somebody may do, and
// names and addresses are not.
func (q Request) told() map[string]any {
	told := map[string]any{"number": q.Number, "kind": q.Kind(), "organisation": q.Organisation}
	if q.Subject.UUID != "" {
		told["identity"] = q.Subject.UUID
	}
	if q.Kind() != ChangeDetails {
		told["what"] = q.What
	}
	return told
}

const selectRequest = `SELECT id, number, kind, subject, name, email, email_proved_at, organisation, asked_by, asked_at,
	sent, what, reason, state, due_at, look_by, look_until, decided_by, decided_at, decision, notes, swapped, stated
	FROM ra_request`

func scanRequest(scan db.Scanner) (q Request, err error) {
	var what string
	var k Kind
	err = scan(&q.ID, &q.Number, &k, &q.Subject.UUID, &q.Subject.Name, &q.Subject.Email,
		db.At(&q.Subject.EmailProved), &q.Organisation, &q.AskedBy, db.At(&q.Asked), &q.Sent, &what, &q.Reason,
		&q.State, db.At(&q.Due), &q.Look.By, db.At(&q.Look.Until), &q.DecidedBy, db.At(&q.Decided), &q.Decision,
		&q.Notes, &q.Swapped, &q.Subject.Stated)
	if err != nil {
		return q, err
	}
	known, is := kinds[k]
	if !is {
		return q, fmt.Errorf("request %s is of unknown kind %q", q.ID, k)
	}
	if q.What, err = known.read(what); err != nil {
		return q, fmt.Errorf("request %s: %w", q.ID, err)
	}
	return q, nil
}

// ByID reads a request, or gives fault.NotFound.
func ByID(ctx context.Context, r db.R, id string) (Request, error) {
	q, err := db.One(ctx, r, scanRequest, selectRequest+` WHERE id = $1`, id)
	if err != nil {
		return q, fmt.Errorf("read request: %w", err)
	}
	return q, nil
}

// ByNumber reads the request that people name by a number, or gives fault.NotFound.
func ByNumber(ctx context.Context, r db.R, number string) (Request, error) {
	q, err := db.One(ctx, r, scanRequest, selectRequest+` WHERE number = $1`, random.Ungrouped(number))
	if err != nil {
		return q, fmt.Errorf("read request by its number: %w", err)
	}
	return q, nil
}

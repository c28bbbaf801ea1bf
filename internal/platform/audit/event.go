// Package audit says what an event is and how it is kept: who did what, in which role, to whom, when
// and why. It does not decide what deserves an event; whoever changes something does.
//
// An event is in two parts. The envelope names things by id only and is kept for good. The detail
// (names, before, after, reason) stands in a row of its own with a salt, and can be erased; the
// envelope's digest then still shows that there was one, and that it has not been changed since.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/random"
)

// Ref names a thing an event is about: an account, a care identity, a service.
type Ref struct{ Kind, ID string }

// Event is what a change says about itself. The actor and the time come from the transaction.
type Event struct {
	Kind    string // what happened, as "account.linked"
	Subject Ref    // to whom or what it happened
	Before  any    // what was there, to be encoded as JSON; nil for nothing
	After   any    // what is there now, likewise
	Reason  string // why, in the actor's own words or ours
}

// Writer is what writing an event needs of a transaction.
type Writer interface {
	Soon(ctx context.Context, sql string, args ...any) error
}

const insertEvent = `INSERT INTO event (id, kind, actor_kind, actor_id, actor_role, subject_kind, subject_id, request_id, at, digest)
	VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`

const insertDetail = `INSERT INTO event_detail (event_id, actor_name, before_json, after_json, reason, salt)
	VALUES ($1, $2, $3, $4, $5, $6)`

// detail is the erasable part, in the order in which it is digested.
type detail struct {
	Actor  string          `json:"actor"`
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
	Reason string          `json:"reason"`
}

// Write keeps e, done by who at the given time, and gives the event's id.
func Write(ctx context.Context, w Writer, who actor.Actor, at time.Time, e Event) (string, error) {
	if e.Kind == "" {
		return "", fmt.Errorf("event without a kind")
	}
	d, err := detailOf(who, e)
	if err != nil {
		return "", fmt.Errorf("event %s: %w", e.Kind, err)
	}
	id, salt := random.ID(), random.Bytes(16)
	err = w.Soon(ctx, insertEvent, id, e.Kind, string(who.Kind), who.ID, who.Role,
		e.Subject.Kind, e.Subject.ID, who.Request, at, digest(salt, d))
	if err != nil {
		return "", fmt.Errorf("write event %s: %w", e.Kind, err)
	}
	err = w.Soon(ctx, insertDetail, id, d.Actor, string(d.Before), string(d.After), d.Reason, salt)
	if err != nil {
		return "", fmt.Errorf("write detail of event %s: %w", e.Kind, err)
	}
	return id, nil
}

func detailOf(who actor.Actor, e Event) (detail, error) {
	before, err := json.Marshal(e.Before)
	if err != nil {
		return detail{}, fmt.Errorf("encode before: %w", err)
	}
	after, err := json.Marshal(e.After)
	if err != nil {
		return detail{}, fmt.Errorf("encode after: %w", err)
	}
	return detail{Actor: who.Name, Before: before, After: after, Reason: e.Reason}, nil
}

func digest(salt []byte, d detail) []byte {
	text, err := json.Marshal(d)
	if err != nil {
		return nil // strings and raw JSON that we encoded above always encode
	}
	sum := sha256.Sum256(append(append([]byte{}, salt...), text...))
	return sum[:]
}

// Package audit says what an event is and how it is kept: who did what, in which role, to whom, when
// and why. It does not decide what deserves an event; whoever changes something does.
//
// An event is in two parts. The envelope names things by id only, says whether something was refused, and is kept
// for good. The detail
// (names, before, after, reason) stands in a row of its own with a salt, and can be erased; the
// envelope's digest then still shows that there was one, and that it has not been changed since.
package audit

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/random"
)

// Ref names a thing an event is about: an account, a care identity, a service.
type Ref struct{ Kind, ID string }

// Kind says what happened, as "account.linked". Each slice declares the kinds of its events as constants.
type Kind string

// Event says what a change was. The actor and the time come from the transaction.
type Event struct {
	Kind    Kind   // what happened
	Subject Ref    // to whom or what it happened
	Before  any    // what was there, to be encoded as JSON; nil for nothing
	After   any    // what is there now, likewise
	Reason  string // why, in the actor's own words or ours
}

// Writer has what writing an event needs of a transaction.
type Writer interface {
	Soon(ctx context.Context, sql string, args ...any) error
}

// detail is the erasable part, in the order in which it is digested.
type detail struct {
	Actor  string          `json:"actor"`
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
	Reason string          `json:"reason"`
}

// Row is an event as it will be kept: the columns of its envelope, of its detail, and of the address that it came from,
// if that is kept.
type Row struct{ Envelope, Detail, Address []any }

// NewRow makes the row of e, done by who at the given time.
func NewRow(by actor.Actor, at time.Time, e Event) (Row, error) { return newRow(by, at, e, false) }

// NewRefusal makes the row of an event that tells of a refusal, with as much of the address that it came from as policy
// allows.
func NewRefusal(by actor.Actor, at time.Time, e Event, policy Addresses) (Row, error) {
	row, err := newRow(by, at, e, true)
	if address := policy.Of(by.Address); err == nil && address != "" {
		row.Address = []any{row.Envelope[0], address, at}
	}
	return row, err
}

func newRow(by actor.Actor, at time.Time, e Event, refused bool) (Row, error) {
	if e.Kind == "" {
		return Row{}, fmt.Errorf("event without a kind")
	}
	d, err := detailOf(by, e)
	if err != nil {
		return Row{}, fmt.Errorf("event %s: %w", e.Kind, err)
	}
	id := random.ID()
	salt := random.Bytes(16)
	return Row{
		Envelope: []any{id, e.Kind, string(by.Kind), by.ID, by.Role, e.Subject.Kind, e.Subject.ID, by.Request, at,
			digest(salt, d), refused},
		Detail: []any{id, d.Actor, string(d.Before), string(d.After), d.Reason, salt},
	}, nil
}

// maxRows is how many rows are written by one statement.
const maxRows = 16

// The statements that write so many rows, by their number.
var (
	insertEvents = inserts(`INSERT INTO event (id, kind, actor_kind, actor_id, actor_role, subject_kind, subject_id,
		request_id, at, digest, refused) VALUES `, 11)
	insertDetails = inserts(`INSERT INTO event_detail (event_id, actor_name, before_json, after_json, reason, salt)
		VALUES `, 6)
)

func inserts(into string, columns int) (list [maxRows + 1]string) {
	var rows []string
	for n := 1; n <= maxRows; n++ {
		var row []string
		for m := range columns {
			row = append(row, "$"+strconv.Itoa((n-1)*columns+m+1))
		}
		rows = append(rows, "("+strings.Join(row, ", ")+")")
		list[n] = into + strings.Join(rows, ", ")
	}
	return list
}

// Write keeps events, by as few statements as may be.
func Write(ctx context.Context, w Writer, rows []Row) error {
	for some := range slices.Chunk(rows, maxRows) {
		var envelopes, details []any
		for _, row := range some {
			envelopes = append(envelopes, row.Envelope...)
			details = append(details, row.Detail...)
		}
		if err := w.Soon(ctx, insertEvents[len(some)], envelopes...); err != nil {
			return fmt.Errorf("write events: %w", err)
		}
		if err := w.Soon(ctx, insertDetails[len(some)], details...); err != nil {
			return fmt.Errorf("write details of events: %w", err)
		}
		if err := writeAddresses(ctx, w, some); err != nil {
			return err
		}
	}
	return nil
}

func detailOf(by actor.Actor, e Event) (detail, error) {
	before, err := json.Marshal(e.Before)
	if err != nil {
		return detail{}, fmt.Errorf("encode before: %w", err)
	}
	after, err := json.Marshal(e.After)
	if err != nil {
		return detail{}, fmt.Errorf("encode after: %w", err)
	}
	return detail{Actor: by.Name, Before: before, After: after, Reason: e.Reason}, nil
}

func digest(salt []byte, d detail) []byte {
	text, err := json.Marshal(d)
	if err != nil {
		return nil // strings and raw JSON that we encoded above always encode
	}
	sum := sha256.Sum256(append(append([]byte{}, salt...), text...))
	return sum[:]
}

package staffrecord

import (
	"cmp"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seal"
)

// Feed receives messages.
type Feed struct {
	DB  *db.DB
	Box *seal.Box // seals what is secret in a message
}

// Answer is what became of a message that was sent.
type Answer struct {
	Message Message
	Outcome Outcome
	Before  bool // the very message was received before
}

// rehearsed carries the answers out of an Update whose changes are not to stay.
type rehearsed struct{ answers []Answer }

// Error says what it is for.
func (rehearsed) Error() string { return "a rehearsal, of which nothing stays" }

// Rehearse says what would become of messages, and changes nothing. progress is told how many were looked at.
func (f Feed) Rehearse(
	ctx context.Context, by actor.Actor, list []Message, progress func(done, total int),
) ([]Answer, error) {
	err := f.DB.Update(ctx, by, func(w *db.W) error {
		answers := make([]Answer, 0, len(list))
		for i, m := range list {
			a, err := f.take(ctx, w, m, i)
			if err != nil {
				return err
			}
			answers = append(answers, a)
			progress(i+1, len(list))
		}
		return rehearsed{answers}
	})
	var carried rehearsed
	if errors.As(err, &carried) {
		return carried.answers, nil
	}
	return nil, err
}

// Send takes messages one after the other, in the order in which they are given. Those that were received before are
// not done again, so that what was interrupted can be sent once more.
func (f Feed) Send(
	ctx context.Context, by actor.Actor, list []Message, progress func(done, total int),
) (answers []Answer, err error) {
	for i, m := range list {
		a, err := db.Write(ctx, f.DB, by, func(w *db.W) (Answer, error) { return f.take(ctx, w, m, i) })
		if err != nil {
			return answers, fmt.Errorf("message %s of %s: %w", m.ID, m.Organisation, err)
		}
		answers = append(answers, a)
		progress(i+1, len(list))
	}
	return answers, nil
}

// take does what a message asks for, once, as a part of an Update.
func (f Feed) take(ctx context.Context, w *db.W, m Message, place int) (Answer, error) {
	digest, err := f.digest(m)
	if err != nil {
		return Answer{}, err
	}
	before, err := digestOf(ctx, w, m)
	if err != nil {
		return Answer{}, err
	}
	switch {
	case before == digest:
		e, err := ByID(ctx, w, m.Organisation, m.ID)
		return Answer{Message: m, Outcome: e.Outcome, Before: true}, err
	case before != "":
		return Answer{Message: m, Outcome: failed("", "Another message of this organisation has this id. "+
			"Give each message its own.")}, nil
	}
	_, err = organisation.ByCode(ctx, w, m.Organisation)
	if errors.Is(err, fault.NotFound) {
		return Answer{Message: m, Outcome: failed("", "There is no organisation "+m.Organisation+
			" here. Correct the code, or import it first.")}, nil
	}
	if err != nil {
		return Answer{}, err
	}
	k, err := f.keep(ctx, w, m)
	if err != nil {
		return Answer{}, err
	}
	o, err := do(ctx, w, k)
	if err != nil {
		return Answer{}, err
	}
	if err := insert(ctx, w, k, digest, place, o); err != nil {
		return Answer{}, err
	}
	if err := record(ctx, w, k, o); err != nil {
		return Answer{}, err
	}
	return Answer{Message: m, Outcome: o}, retryAfter(ctx, w, k, o)
}

// digest is the same for a message that is sent again.
func (f Feed) digest(m Message) (string, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return "", fmt.Errorf("digest of a message: %w", err)
	}
	return hex.EncodeToString(f.Box.Digest("staff_message/" + string(text) + "/" + string(m.NI))), nil
}

// keep seals what is secret in a message for the care identity that it is about.
func (f Feed) keep(ctx context.Context, w *db.W, m Message) (k Kept, err error) {
	k.Message = m
	k.Details.BirthDate = m.BirthDate
	switch m.Kind {
	case CreatePerson:
		k.Number, err = identity.Number(ctx, w)
	case ModifyPerson:
		k.Number, err = personToBe(ctx, w, m.Organisation, m.Employee)
	}
	if err == nil && m.NI != "" {
		k.Details.SealNI(f.Box, cmp.Or(k.Number, m.UUID), m.NI)
	}
	return k, err
}

// record tells what became of a message. Names and numbers of people that the staff record alone knows stay out of it.
func record(ctx context.Context, w *db.W, k Kept, o Outcome) error {
	after := map[string]any{"message": k.Kind, "state": o.State}
	for name, text := range map[string]string{
		"class": string(o.Class), "identity": o.UUID, "request": o.Request, "employee": k.Employee,
		"assignment": k.Assignment, "staff_position": k.StaffPosition,
	} {
		if text != "" {
			after[name] = text
		}
	}
	return w.Record(ctx, audit.Event{Kind: eventMessage, Subject: ref(k.Organisation, k.ID), After: after})
}

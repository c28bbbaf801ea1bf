// Package correction holds the guarded acts by which a registration authority changes what is known of a person: names,
// birth date, National Insurance number, contact details, professional registrations and photo.
//
// It does not know how these are stored.
package correction

import (
	"context"
	"strings"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/careid/identity/note"
	"signpost/internal/careid/identity/photo"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/seal"
)

// The kinds of events that this package records.
const (
	eventRefused audit.Kind = "correction.refused"
	eventSameNI  audit.Kind = "correction.same-ni"
)

var (
	errClosed = fault.SayCure(fault.Conflict, "The details of a closed Care Identity cannot be changed.",
		"Reopen it first, if the person came back.")
	errUnverified = fault.SayCure(fault.Conflict, "The documents of this person were not seen yet.",
		"Verify their identity first. You can then change what the documents show.")
	errSameNI = fault.SayOfField("ni_number", fault.Conflict,
		"Another Care Identity has this National Insurance number. Search for the number to see whose it is")
)

// Proved reports whether what identity documents show of somebody can be changed: after somebody saw them.
func Proved(i identity.Identity) bool { return i.Verified || i.Kind.Organisational() }

// Open reports whether the details of an identity can be changed at all.
func Open(i identity.Identity) bool {
	return i.Status != identity.Closing && i.Status != identity.Closed
}

// change does what it is given to somebody over whom the actor's registration authority is. proved is that it changes
// what identity documents show.
func change(
	ctx context.Context, d *db.DB, by actor.Actor, uuid string, proved bool, do func(w *db.W) error,
) error {
	return d.Update(ctx, by, func(w *db.W) error {
		person, err := registration.RequireOver(ctx, w, permission.ChangeDetails, uuid)
		if err != nil {
			return err
		}
		refusal := audit.Event{Kind: eventRefused, Subject: identity.Ref(uuid)}
		switch {
		case !Open(person):
			refusal.Reason = "the identity is closed"
			return w.Refuse(ctx, refusal, errClosed)
		case proved && !Proved(person):
			refusal.Reason = "the identity is not verified"
			return w.Refuse(ctx, refusal, errUnverified)
		}
		return do(w)
	})
}

// Names gives somebody other names. A new given or family name needs a reason.
func Names(ctx context.Context, d *db.DB, by actor.Actor, uuid string, n identity.Names, reason string) error {
	return change(ctx, d, by, uuid, true, func(w *db.W) error {
		return identity.Rename(ctx, w, uuid, n, strings.TrimSpace(reason))
	})
}

// BirthDate stores somebody's birth date.
func BirthDate(ctx context.Context, d *db.DB, by actor.Actor, uuid, typed string) error {
	return change(ctx, d, by, uuid, true, func(w *db.W) error {
		date, err := detail.ParseBirthDate(typed, w.Now())
		if err != nil {
			return err
		}
		return detail.SetBirthDate(ctx, w, uuid, date)
	})
}

// NI stores somebody's National Insurance number, unless another identity has it.
func NI(ctx context.Context, d *db.DB, by actor.Actor, box *seal.Box, uuid, typed string) error {
	n, err := detail.ParseNI(typed)
	if err != nil {
		return err
	}
	return change(ctx, d, by, uuid, true, func(w *db.W) error {
		others, err := detail.WithNI(ctx, w, box, n)
		if err != nil {
			return err
		}
		for _, other := range others {
			if other != uuid {
				return w.Refuse(ctx, audit.Event{Kind: eventSameNI, Subject: identity.Ref(uuid)}, errSameNI)
			}
		}
		return detail.SetNI(ctx, w, box, uuid, n)
	})
}

// ShowNI opens somebody's National Insurance number for the actor and records that they looked at it.
func ShowNI(ctx context.Context, d *db.DB, by actor.Actor, box *seal.Box, uuid string) (detail.NINumber, error) {
	return db.Write(ctx, d, by, func(w *db.W) (detail.NINumber, error) {
		if _, err := registration.RequireOver(ctx, w, permission.ChangeDetails, uuid); err != nil {
			return "", err
		}
		return detail.ShowNI(ctx, w, box, uuid)
	})
}

// Note writes a note about somebody, of whatever state their identity is in.
func Note(ctx context.Context, d *db.DB, by actor.Actor, uuid, text string) error {
	return d.Update(ctx, by, func(w *db.W) error {
		if _, err := registration.RequireOver(ctx, w, permission.ChangeDetails, uuid); err != nil {
			return err
		}
		return note.Add(ctx, w, uuid, text)
	})
}

// CardName stores the name that stands on somebody's smartcard.
func CardName(ctx context.Context, d *db.DB, by actor.Actor, uuid, typed string) error {
	return change(ctx, d, by, uuid, false, func(w *db.W) error { return detail.SetCardName(ctx, w, uuid, typed) })
}

// Mobile stores somebody's mobile number.
func Mobile(ctx context.Context, d *db.DB, by actor.Actor, uuid, typed string) error {
	return change(ctx, d, by, uuid, false, func(w *db.W) error { return detail.SetMobile(ctx, w, uuid, typed) })
}

// Email gives somebody another email address, which nobody has confirmed. Whoever reads their proved addresses is told.
// Where they have no authenticator, it may be used at once to add one.
func Email(ctx context.Context, d *db.DB, by actor.Actor, post *mail.Post, uuid, to string) error {
	return change(ctx, d, by, uuid, false, func(w *db.W) error {
		bound, err := authenticator.OfIdentity(ctx, w, uuid)
		if err != nil {
			return err
		}
		return identity.PutEmail(ctx, w, post, uuid, strings.TrimSpace(to), len(bound) == 0)
	})
}

// Registration stores the number under which a professional body has registered somebody; an empty one removes it.
func Registration(ctx context.Context, d *db.DB, by actor.Actor, uuid, body, number string) error {
	return change(ctx, d, by, uuid, false, func(w *db.W) error {
		return identity.Register(ctx, w, uuid, body, strings.ToUpper(strings.TrimSpace(number)))
	})
}

// Photo stores somebody's photo, drawn anew.
func Photo(ctx context.Context, d *db.DB, by actor.Actor, box *seal.Box, uuid string, sent []byte) error {
	drawn, problem := photo.Draw(sent) // not while others wait for the transaction
	return change(ctx, d, by, uuid, true, func(w *db.W) error {
		if problem != nil {
			return problem
		}
		return photo.Set(ctx, w, box, uuid, drawn)
	})
}

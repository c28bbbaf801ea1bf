package identity

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/careid/change"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

const amend = `UPDATE identity SET given_name = $2, family_name = $3, email = $4, email_canonical = $5,
	email_since = created_at, email_verified_at = 0, email_verified_how = '' WHERE uuid = $1`

// Amend mends the name and the email address of a care identity that was typed wrongly as it was made, as a part of an
// Update whose caller has made sure that nobody has proved themselves with it. Its number stays.
func Amend(ctx context.Context, w *db.W, uuid string, n New) error {
	before, err := ByUUID(ctx, w, uuid)
	if err != nil {
		return err
	}
	i, err := n.identity()
	if err != nil {
		return err
	}
	err = w.Change(ctx, amend, uuid, i.GivenName, i.FamilyName, i.Email, i.EmailCanonical)
	if err != nil {
		return fmt.Errorf("amend identity: %w", err)
	}
	if err := putWords(ctx, w, uuid, i.searchedName()); err != nil {
		return err
	}
	if err := noteAddresses(ctx, w, uuid, before.EmailCanonical, i.EmailCanonical); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: eventAmended, Subject: Ref(uuid),
		Before: New{GivenName: before.GivenName, FamilyName: before.FamilyName, Email: before.Email}, After: n})
}

// noteAddresses notes that a person has another address than before. Others may have either of them.
func noteAddresses(ctx context.Context, w *db.W, uuid, before, after string) error {
	return change.Note(ctx, w, change.OfPerson(uuid), change.OfAddress(before), change.OfAddress(after))
}

// maxOwnChanges is how many changes of their address somebody is shown.
const maxOwnChanges = 30

// OwnEmailChanges gives when somebody changed their own email address since a time, the newest first.
func OwnEmailChanges(ctx context.Context, r db.R, uuid string, since time.Time) (list []time.Time, err error) {
	search := audit.Search{Subject: Ref(uuid), Kinds: []audit.Kind{eventEmailChanged}}
	entries, _, err := search.Page(ctx, r, 0, maxOwnChanges)
	if err != nil {
		return nil, fmt.Errorf("list changes of an email address: %w", err)
	}
	for _, e := range entries {
		if e.ActorID == uuid && !e.At.Before(since) {
			list = append(list, e.At)
		}
	}
	return list, nil
}

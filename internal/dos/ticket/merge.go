package ticket

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

const selectSame = selectTicket + ` WHERE id <> $1 AND state <> 'merged'
	AND (email_key = $2 AND email_key <> '' OR account_id = $3 AND account_id <> '')
	ORDER BY created_at DESC, id DESC LIMIT $4`

// SamePerson lists other tickets of a ticket's person that are within a reach, the newest first: those of which one may
// be about the same. Whoever types an address may name anybody's account.
func SamePerson(ctx context.Context, r db.R, reach account.Reach, t Ticket) (list []Ticket, err error) {
	all, err := db.All(ctx, r, scanTicket, selectSame, t.ID, t.EmailKey, t.AccountID, maxOfPerson)
	if err != nil {
		return nil, fmt.Errorf("list tickets of the same person: %w", err)
	}
	for _, one := range all {
		err := covers(ctx, r, reach, one)
		if err == nil {
			list = append(list, one)
		} else if !errors.Is(err, fault.NotFound) {
			return nil, err
		}
	}
	return list, nil
}

// MergedInto lists the tickets that go on in another one.
func MergedInto(ctx context.Context, r db.R, id string) ([]Ticket, error) {
	list, err := db.All(ctx, r, scanTicket, selectTicket+` WHERE merged_into = $1 AND merged_into <> ''
		ORDER BY number`, id)
	if err != nil {
		return nil, fmt.Errorf("list merged tickets: %w", err)
	}
	return list, nil
}

var (
	errOtherPerson = fault.SayCure(fault.Conflict, "These tickets have different email addresses.",
		"Only tickets of one address can be merged: whoever reads one of them would read the other's.")
	errNotMergeable = fault.SayCure(fault.Conflict, "One of these tickets was merged already.",
		"Look at both again.")
)

const (
	mergeTicket = `UPDATE ticket SET merged_into = $2, merged_state = $3 WHERE id = $1 AND merged_into = ''`
	undoMerge   = `UPDATE ticket SET merged_into = '', merged_state = '' WHERE id = $1 AND merged_into <> ''`
)

// Merge has a ticket go on in another one of the same address: its messages are read there, and its person is told.
func (d Desk) Merge(ctx context.Context, by actor.Actor, id, into string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		t, err := theirs(ctx, w, id)
		if err != nil {
			return err
		}
		kept, err := theirs(ctx, w, into)
		if err != nil {
			return err
		}
		if err := d.mergeProblem(ctx, w, t, kept); err != nil {
			return err
		}
		if err := w.Change(ctx, mergeTicket, t.ID, kept.ID, string(t.State)); err != nil {
			return fmt.Errorf("merge ticket: %w", err)
		}
		if _, err := d.turned(ctx, w, t, Merged); err != nil {
			return err
		}
		if err := say(ctx, w, kept, Change, "Merged with "+t.Show()); err != nil {
			return err
		}
		if err := d.send(ctx, w, kept, mergedMail(t, kept, d.ownLink(kept))); err != nil {
			return err
		}
		return errors.Join(d.record(ctx, w, t, eventMerged, kept.Show()), d.record(ctx, w, kept, eventMerged, t.Show()))
	})
}

func (Desk) mergeProblem(ctx context.Context, r db.R, t, kept Ticket) error {
	into, err := MergedInto(ctx, r, t.ID)
	switch {
	case err != nil:
		return err
	case t.ID == kept.ID, t.State == Merged, kept.State == Merged, len(into) > 0:
		return errNotMergeable
	case t.EmailKey == "" || t.EmailKey != kept.EmailKey:
		return errOtherPerson
	}
	return nil
}

// Unmerge undoes a merge: the ticket is again as it was before.
func (d Desk) Unmerge(ctx context.Context, by actor.Actor, id string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		t, err := theirs(ctx, w, id)
		if err != nil {
			return err
		}
		if t.State != Merged {
			return errNotMerged
		}
		kept := t.MergedInto
		if err := w.Change(ctx, undoMerge, t.ID); err != nil {
			return fmt.Errorf("undo merge of ticket: %w", err)
		}
		if t, err = d.turned(ctx, w, t, t.before); err != nil {
			return err
		}
		if err := say(ctx, w, Ticket{ID: kept}, Change, "No longer merged with "+t.Show()); err != nil {
			return err
		}
		return errors.Join(d.record(ctx, w, t, eventUnmerged, nil),
			d.record(ctx, w, Ticket{ID: kept}, eventUnmerged, t.Show()))
	})
}

var errNotMerged = fault.SayCure(fault.Conflict, "This ticket is not merged with another one.",
	"Load its page again.")

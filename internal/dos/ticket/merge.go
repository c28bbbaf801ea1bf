package ticket

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
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

// Merge has a ticket go on in another one of the same address: its messages are read there, and its person is told. The
// other one is then as urgent as both.
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
		if err := d.bring(ctx, w, kept, t); err != nil {
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

// Unmerge undoes a merge: the ticket is again as it was before, and so is the other one, but for what was done since.
func (d Desk) Unmerge(ctx context.Context, by actor.Actor, id string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		t, err := theirs(ctx, w, id)
		if err != nil {
			return err
		}
		if t.State != Merged {
			return errNotMerged
		}
		kept, err := ByID(ctx, w, t.MergedInto)
		if err != nil {
			return err
		}
		if err := w.Change(ctx, undoMerge, t.ID); err != nil {
			return fmt.Errorf("undo merge of ticket: %w", err)
		}
		if t, err = d.turned(ctx, w, t, t.before); err != nil {
			return err
		}
		if err := d.takeBack(ctx, w, kept, t); err != nil {
			return err
		}
		if err := d.send(ctx, w, t, unmergedMail(t, kept, d.ownLink(t))); err != nil {
			return err
		}
		return errors.Join(d.record(ctx, w, t, eventUnmerged, nil), d.record(ctx, w, kept, eventUnmerged, t.Show()))
	})
}

var errNotMerged = fault.SayCure(fault.Conflict, "This ticket is not merged with another one.",
	"Load its page again.")

// turn is the state of a ticket with its clock, in milliseconds as the database has them.
type turn struct {
	State     State
	Due, Left int64
}

func turnOf(t Ticket) turn {
	c := turn{State: t.State, Left: t.Left.Milliseconds()}
	if !t.Due.IsZero() {
		c.Due = t.Due.UnixMilli()
	}
	return c
}

func (c turn) on(t Ticket) Ticket {
	t.State = c.State
	t.Left = time.Duration(c.Left) * time.Millisecond
	t.Due = time.Time{}
	if c.Due != 0 {
		t.Due = time.UnixMilli(c.Due)
	}
	return t
}

// lent is what a ticket has of its own, and what it has by those that were merged into it since a moment. It is its own
// anew as soon as it was changed otherwise.
type lent[T comparable] struct {
	Own, Given T
	Since      int64 // in milliseconds
}

func (l *lent[T]) isNow(is T, changed bool, now time.Time) {
	if changed || l.Given != is {
		*l = lent[T]{Own: is, Given: is, Since: now.UnixMilli()}
	}
}

// brought is what tickets bring to the one in which they go on.
type brought struct {
	Priority lent[Priority]
	Clock    lent[turn]
}

const countWritten = `SELECT COUNT(*) FROM ticket_message WHERE ticket_id = $1 AND kind IN ('` + string(FromPerson) +
	`', '` + string(Answer) + `') AND written_at > $2`

// broughtTo gives what was brought to a ticket. What the desk has set since is the ticket's own, and so are its state
// and its clock where its person or the desk has written since.
func broughtTo(ctx context.Context, w *db.W, t Ticket) (b brought, err error) {
	if t.brought != "" {
		if err := json.Unmarshal([]byte(t.brought), &b); err != nil {
			return b, fmt.Errorf("read what was brought to a ticket: %w", err)
		}
	}
	written, err := db.Value[int](ctx, w, countWritten, t.ID, b.Clock.Since)
	if err != nil {
		return b, fmt.Errorf("count what was written since a merge: %w", err)
	}
	b.Priority.isNow(t.Priority, false, w.Now())
	b.Clock.isNow(turnOf(t), written > 0, w.Now())
	return b, nil
}

// bring has a ticket be as urgent as another one that was merged into it.
func (d Desk) bring(ctx context.Context, w *db.W, kept, t Ticket) error {
	calendar, err := directory.ReadCalendar(ctx, w)
	if err != nil {
		return err
	}
	b, err := broughtTo(ctx, w, kept)
	if err != nil {
		return err
	}
	after := d.Hours.bring(kept.hastenedBy(t), t, w.Now(), calendar)
	return keepBrought(ctx, w, kept, after, b, "Merged with "+t.Show())
}

// takeBack has a ticket be as urgent as it is without one that was merged into it.
func (d Desk) takeBack(ctx context.Context, w *db.W, kept, t Ticket) error {
	calendar, err := directory.ReadCalendar(ctx, w)
	if err != nil {
		return err
	}
	b, err := broughtTo(ctx, w, kept)
	if err != nil {
		return err
	}
	others, err := MergedInto(ctx, w, kept.ID)
	if err != nil {
		return err
	}
	after := b.Clock.Own.on(kept)
	after.Priority = b.Priority.Own
	for _, one := range others {
		was := d.Hours.asMerged(one, calendar)
		if one.Changed.UnixMilli() >= b.Priority.Since {
			after = after.hastenedBy(was)
		}
		if one.Changed.UnixMilli() >= b.Clock.Since {
			after = d.Hours.bring(after, was, one.Changed, calendar)
		}
	}
	return keepBrought(ctx, w, kept, after, b, "No longer merged with "+t.Show())
}

// keepBrought keeps how urgent a ticket is after a merge or its undoing, and notes it.
func keepBrought(ctx context.Context, w *db.W, before, after Ticket, b brought, what string) error {
	b.Priority.Given, b.Clock.Given = after.Priority, turnOf(after)
	kept, err := json.Marshal(b)
	if err != nil {
		return fmt.Errorf("keep what was brought to a ticket: %w", err)
	}
	if err := w.Change(ctx, `UPDATE ticket SET brought = $2 WHERE id = $1`, after.ID, string(kept)); err != nil {
		return fmt.Errorf("keep what was brought to a ticket: %w", err)
	}
	if before.Priority != after.Priority || turnOf(before) != turnOf(after) {
		if _, err := keepTurned(ctx, w, after); err != nil {
			return err
		}
	}
	return say(ctx, w, after, Change, strings.Join(append([]string{what}, changesOf(before, after)...), ". "))
}

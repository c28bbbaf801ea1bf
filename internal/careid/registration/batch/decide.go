package batch

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// swapWithin is how far back it counts that two people approve for each other.
const swapWithin = 30 * 24 * time.Hour

var (
	errOver = fault.SayCure(fault.Conflict, "That cannot be done with this batch any more.",
		"Look at how far it is: somebody else may have acted, or you have sent this already.")
	errOwn = fault.SayCure(fault.Forbidden, "You made this batch, or it is about yourself, so you cannot approve it.",
		"Another registration authority manager or advanced agent approves it.")
	errNotYours = fault.SayCure(fault.Forbidden, "Only whoever made the batch can do that.",
		"Ask them, or reject the batch.")
	errNothing = fault.SayCure(fault.Conflict, "No row of this batch can be done.",
		"Mend the rows that were refused, and make another batch of them.")
)

// acting reads a batch that the actor may do something with.
func acting(ctx context.Context, w *db.W, id string) (Batch, error) {
	b, err := byID(ctx, w, id)
	if err != nil {
		return b, err
	}
	return b, require(ctx, w, Ref(id), b.Organisation)
}

// own refuses whoever did not make a batch.
func own(ctx context.Context, w *db.W, b Batch) error {
	if b.By != w.Actor().ID {
		return officer.Refuse(ctx, w, Ref(b.ID), "the batch of another", errNotYours)
	}
	return nil
}

// move puts a batch from one state into another. Of any number who try one succeeds.
func move(ctx context.Context, w *db.W, b Batch, to State, e audit.Event) error {
	n, err := w.Exec(ctx, `UPDATE batch SET state = $3 WHERE id = $1 AND state = $2`, b.ID, string(b.State), string(to))
	if err != nil {
		return fmt.Errorf("move batch: %w", err)
	}
	if n != 1 {
		return errOver
	}
	if to.Works() {
		if err := w.Enqueue(ctx, Work{Batch: b.ID}); err != nil {
			return err
		}
	}
	e.Subject = Ref(b.ID)
	return w.Record(ctx, e)
}

// Send has somebody else asked to approve a batch that was looked at. Where one person does batches it is done.
func (d *Desk) Send(ctx context.Context, by actor.Actor, id string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		b, err := acting(ctx, w, id)
		if err != nil {
			return err
		}
		if err := own(ctx, w, b); err != nil {
			return err
		}
		counts, err := Count(ctx, w, id)
		switch {
		case err != nil:
			return err
		case b.State != Looked:
			return errOver
		case counts[RowReady] == 0:
			return errNothing
		}
		rules, err := officer.Rules(ctx, w)
		if err != nil {
			return err
		}
		to := Waiting
		if rules.OnePersonDoesBatches {
			to = Doing
		}
		return move(ctx, w, b, to, audit.Event{Kind: eventSent, After: counts})
	})
}

// Approve has a batch done that somebody else made.
func (d *Desk) Approve(ctx context.Context, by actor.Actor, id, notes string) error {
	return d.decide(ctx, by, id, Doing, eventApproved, notes)
}

// Reject refuses a batch that somebody else made, with the reason.
func (d *Desk) Reject(ctx context.Context, by actor.Actor, id, reason string) error {
	reason, err := access.Reason("notes", reason, "Enter why you reject the batch")
	if err != nil {
		return err
	}
	return d.decide(ctx, by, id, Rejected, eventRejected, reason)
}

const (
	countInBatch = `SELECT COUNT(*) FROM batch_row WHERE batch = $1 AND uuid = $2`
	countSwapped = `SELECT COUNT(*) FROM batch WHERE made_by = $1 AND decided_by = $2 AND decided_at > $3
		AND state <> 'rejected'`
	noteDecision = `UPDATE batch SET decided_by = $2, decided_at = $3, notes = $4, swapped = $5 WHERE id = $1`
)

func (d *Desk) decide(ctx context.Context, by actor.Actor, id string, to State, kind audit.Kind, notes string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		b, err := acting(ctx, w, id)
		if err != nil {
			return err
		}
		if b.State != Waiting {
			return errOver
		}
		within, err := db.Value[int64](ctx, w, countInBatch, id, w.Actor().ID)
		if err != nil {
			return fmt.Errorf("look for the decider in a batch: %w", err)
		}
		if within > 0 || b.By == w.Actor().ID {
			return officer.Refuse(ctx, w, Ref(id), "the actor made the batch, or is in it", errOwn)
		}
		swapped, err := Swapped(ctx, w, b, w.Actor().ID)
		if err != nil {
			return err
		}
		if err := w.Change(ctx, noteDecision, id, w.Actor().ID, w.Now(), notes, swapped); err != nil {
			return fmt.Errorf("note decision on batch: %w", err)
		}
		return move(ctx, w, b, to, audit.Event{Kind: kind, Reason: notes, After: map[string]any{"swapped": swapped}})
	})
}

// Swapped reports whether whoever made a batch approved one of somebody who is to decide it, within 30 days.
func Swapped(ctx context.Context, r db.R, b Batch, decider string) (bool, error) {
	n, err := db.Value[int64](ctx, r, countSwapped, decider, b.By, r.Now().Add(-swapWithin))
	if err != nil {
		return false, fmt.Errorf("look for swapped approvals of batches: %w", err)
	}
	return n > 0, nil
}

// Withdraw gives up a batch of the actor's that nobody approved.
func (d *Desk) Withdraw(ctx context.Context, by actor.Actor, id string) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		b, err := acting(ctx, w, id)
		if err != nil {
			return err
		}
		if err := own(ctx, w, b); err != nil {
			return err
		}
		if b.State != Looking && b.State != Looked && b.State != Waiting {
			return errOver
		}
		return move(ctx, w, b, Withdrawn, audit.Event{Kind: eventWithdrawn})
	})
}

// Stop stops a batch that is being done: what was done stands, and the rest waits.
func (d *Desk) Stop(ctx context.Context, by actor.Actor, id string) error {
	return d.step(ctx, by, id, eventStopped, Stopped, Doing)
}

// GoOn goes on with a batch that was stopped.
func (d *Desk) GoOn(ctx context.Context, by actor.Actor, id string) error {
	return d.step(ctx, by, id, eventResumed, Doing, Stopped)
}

func (d *Desk) step(ctx context.Context, by actor.Actor, id string, kind audit.Kind, to, from State) error {
	return d.DB.Update(ctx, by, func(w *db.W) error {
		b, err := acting(ctx, w, id)
		if err != nil {
			return err
		}
		if b.State != from {
			return errOver
		}
		return move(ctx, w, b, to, audit.Event{Kind: kind})
	})
}

// Undo has what a batch did undone, for the actor: what they may do is asked for each row.
func (d *Desk) Undo(ctx context.Context, by actor.Actor, id, reason string) error {
	reason, err := access.Reason("why", reason, "Enter why it is undone")
	if err != nil {
		return err
	}
	return d.DB.Update(ctx, by, func(w *db.W) error {
		b, err := acting(ctx, w, id)
		if err != nil {
			return err
		}
		counts, err := Count(ctx, w, id)
		if err != nil {
			return err
		}
		if b.State != Done && b.State != Stopped || counts[RowDone] == 0 {
			return errOver
		}
		if err := w.Change(ctx, `UPDATE batch SET undone_by = $2 WHERE id = $1`, id, w.Actor().ID); err != nil {
			return fmt.Errorf("note who undoes a batch: %w", err)
		}
		return move(ctx, w, b, Undoing, audit.Event{Kind: eventUndoing, Reason: reason})
	})
}

package authenticator

import (
	"context"
	"fmt"

	"signpost/internal/careid/change"
	"signpost/internal/careid/identity/equipment"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job/queue"
)

// Ended is the job that is enqueued when an authenticator may no longer be used, so that the sign-ins that were proved
// with it are ended.
type Ended struct{ AuthenticatorID, UUID string }

// Kind names the job.
func (Ended) Kind() string { return "authenticator.ended" }

// Queue is where the job waits.
func (Ended) Queue() queue.Name { return queue.Revocation }

// PasswordSet is the job that is enqueued when the password of an authenticator was set anew, so that the sign-ins that
// were proved with the one before are ended.
type PasswordSet struct{ AuthenticatorID, UUID string }

// Kind names the job.
func (PasswordSet) Kind() string { return "authenticator.password-set" }

// Queue is where the job waits.
func (PasswordSet) Queue() queue.Name { return queue.Revocation }

// Suspend stops an authenticator from being used until it is restored.
func Suspend(ctx context.Context, d *db.DB, by actor.Actor, id, reason string) error {
	return d.Update(ctx, by, func(w *db.W) error { return SuspendPart(ctx, w, id, reason) })
}

// SuspendPart is Suspend as a part of another Update.
func SuspendPart(ctx context.Context, w *db.W, id, reason string) error {
	return changeStatus(ctx, w, id, Active, Suspended, reason)
}

// Restore lets a suspended authenticator be used again.
func Restore(ctx context.Context, d *db.DB, by actor.Actor, id, reason string) error {
	return d.Update(ctx, by, func(w *db.W) error { return RestorePart(ctx, w, id, reason) })
}

// RestorePart is Restore as a part of another Update.
func RestorePart(ctx context.Context, w *db.W, id, reason string) error {
	return changeStatus(ctx, w, id, Suspended, Active, reason)
}

// Remove takes an authenticator from its care identity for good, as a part of an Update.
func Remove(ctx context.Context, w *db.W, id, reason string) error {
	a, err := ByID(ctx, w, id)
	if err != nil {
		return err
	}
	return changeStatus(ctx, w, id, a.Status, Removed, reason)
}

const updateLevel = `UPDATE authenticator SET level = $2, level_why = $3 WHERE id = $1`

// SetLevel gives an authenticator the level of which its method says that it has it now, and reports whether that is
// another. Sign-ins that were proved with it keep the level that they had.
func SetLevel(ctx context.Context, w *db.W, id string, level authn.Level, why authn.Why, reason string) (bool, error) {
	a, err := ByID(ctx, w, id)
	if err != nil || a.Level == level && a.Why == why {
		return false, err
	}
	if err := w.Change(ctx, updateLevel, id, int64(level), string(why)); err != nil {
		return false, fmt.Errorf("set level of authenticator: %w", err)
	}
	if err := change.Note(ctx, w, change.OfPerson(a.UUID)); err != nil {
		return false, err
	}
	return true, w.Record(ctx, audit.Event{
		Kind: eventLevel, Subject: Ref(id), Reason: reason,
		Before: map[string]any{"level": a.Level, "why": a.Why},
		After:  map[string]any{"level": level, "why": why, "uuid": a.UUID},
	})
}

// noteEquipment keeps how many active authenticators somebody has.
func noteEquipment(ctx context.Context, w *db.W, uuid string, from, to Status) error {
	switch {
	case from == to:
		return nil
	case to == Active:
		return equipment.Gain(ctx, w, uuid)
	case from == Active:
		return equipment.Lose(ctx, w, uuid)
	}
	return nil
}

// statusEvents gives the kind of event that is recorded when an authenticator gets a status.
var statusEvents = map[Status]audit.Kind{Active: eventActive, Suspended: eventSuspended, Removed: eventRemoved}

const updateStatus = `UPDATE authenticator SET status = $3 WHERE id = $1 AND status = $2 AND status <> 'removed'`

func changeStatus(ctx context.Context, w *db.W, id string, from, to Status, reason string) error {
	a, err := ByID(ctx, w, id)
	if err != nil {
		return err
	}
	if err := w.Change(ctx, updateStatus, id, string(from), string(to)); err != nil {
		return fmt.Errorf("make authenticator %s: %w", to, err)
	}
	if err := noteEquipment(ctx, w, a.UUID, from, to); err != nil {
		return err
	}
	if err := Tell(ctx, w, Notice{AuthenticatorID: id, UUID: a.UUID, Change: statusChanges[to]}); err != nil {
		return err
	}
	if to != Active {
		if err := w.Enqueue(ctx, Ended{AuthenticatorID: id, UUID: a.UUID}); err != nil {
			return err
		}
	}
	if err := change.Note(ctx, w, change.OfPerson(a.UUID)); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{
		Kind: statusEvents[to], Subject: Ref(id), Reason: reason,
		Before: map[string]any{"status": from},
		After:  map[string]any{"status": to, "uuid": a.UUID},
	})
}

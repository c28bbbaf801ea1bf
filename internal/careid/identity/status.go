package identity

import (
	"context"
	"fmt"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Status is where a care identity stands in its life.
type Status string

// The statuses. Only an active identity signs in.
const (
	Pending   Status = "pending"   // made, not usable yet
	Active    Status = "active"    // usable
	Suspended Status = "suspended" // not usable; everything it holds is kept
	Closed    Status = "closed"    // the person has left; access and authenticators were ended
)

// Act is something that moves an identity from one status to another.
type Act string

// The acts, each done by a registration authority.
const (
	Activate Act = "activate"
	Suspend  Act = "suspend"
	Resume   Act = "resume" // guidance for users calls this reactivating
	Close    Act = "close"
	Reopen   Act = "reopen"
)

// moves are all there are: from a status, by an act, to a status.
var moves = map[Status]map[Act]Status{
	Pending:   {Activate: Active, Close: Closed},
	Active:    {Suspend: Suspended, Close: Closed},
	Suspended: {Resume: Active, Close: Closed},
	Closed:    {Reopen: Active},
}

// After gives the status that an act leads to, and whether it may be done at all.
func After(now Status, by Act) (Status, bool) {
	next, ok := moves[now][by]
	return next, ok
}

// Ended is the job that follows when an identity stops being usable: whoever keeps sessions or
// authenticators of it ends them. The packages above register its worker.
type Ended struct{ UUID string }

// Kind names the job.
func (Ended) Kind() string { return "identity.ended" }

// Move does an act to an identity, with a reason.
func Move(ctx context.Context, d *db.DB, who actor.Actor, uuid string, by Act, reason string) error {
	return d.Update(ctx, who, func(w *db.W) error { return MovePart(ctx, w, uuid, by, reason) })
}

// MovePart is Move as a part of another Update.
func MovePart(ctx context.Context, w *db.W, uuid string, by Act, reason string) error {
	i, err := ByUUID(ctx, w, uuid)
	if err != nil {
		return err
	}
	next, ok := After(i.Status, by)
	if !ok {
		return w.Refuse(ctx, audit.Event{Kind: eventMoveRefused, Subject: Ref(uuid), Before: i.Status, After: by, Reason: reason},
			fault.SayCure(fault.Conflict, "This care identity is "+string(i.Status)+", so that cannot be done.", "Look at the profile again."))
	}
	if err := w.Change(ctx, `UPDATE identity SET status = $3 WHERE uuid = $1 AND status = $2`, uuid, string(i.Status), string(next)); err != nil {
		return fmt.Errorf("%s identity: %w", by, err)
	}
	if next != Active {
		if err := w.Enqueue(ctx, Ended{UUID: uuid}); err != nil {
			return err
		}
	}
	return w.Record(ctx, audit.Event{Kind: eventMoved, Subject: Ref(uuid), Before: i.Status, After: next, Reason: reason})
}

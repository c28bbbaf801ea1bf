package identity

import (
	"context"
	"fmt"
	"time"

	"signpost/internal/careid/change"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job/queue"
)

// Status is the state of a care identity.
type Status string

// The statuses. Only an active identity signs in.
const (
	Pending   Status = "pending"   // made, not usable yet
	Active    Status = "active"    // usable
	Suspended Status = "suspended" // not usable; its positions and authenticators are kept
	Closing   Status = "closing"   // not usable; access and authenticators are being ended
	Closed    Status = "closed"    // the person has left; access and authenticators were ended
)

// Statuses lists them.
func Statuses() []Status { return []Status{Pending, Active, Suspended, Closing, Closed} }

// Act is something that moves an identity from one status to another.
type Act string

// The acts. A registration authority begins to close an identity, and a job closes it once all has ended.
const (
	Activate Act = "activate"
	Suspend  Act = "suspend"
	Resume   Act = "resume" // guidance for users calls this reactivating
	Close    Act = "close"
	Reopen   Act = "reopen"

	BeginClosing Act = "begin-closing"
)

// Acts lists them.
func Acts() []Act { return []Act{Activate, Suspend, Resume, BeginClosing, Close, Reopen} }

// moves maps a status and an act to the next status. Nothing else is possible.
var moves = map[Status]map[Act]Status{
	Pending:   {Activate: Active, BeginClosing: Closing, Close: Closed},
	Active:    {Suspend: Suspended, BeginClosing: Closing, Close: Closed},
	Suspended: {Resume: Active, BeginClosing: Closing, Close: Closed},
	Closing:   {Close: Closed},
	Closed:    {Reopen: Active},
}

// After returns the status that an act leads to, and whether the act is possible.
func After(now Status, act Act) (Status, bool) {
	next, ok := moves[now][act]
	return next, ok
}

// Ended is the job that follows when an identity stops being usable. The packages above that keep its sessions
// or authenticators register the worker that ends them.
type Ended struct{ UUID string }

// Kind names the job.
func (Ended) Kind() string { return "identity.ended" }

// Queue is where the job waits.
func (Ended) Queue() queue.Name { return queue.Revocation }

// Move does an act to an identity, with a reason.
func Move(ctx context.Context, d *db.DB, by actor.Actor, uuid string, act Act, reason string) error {
	return d.Update(ctx, by, func(w *db.W) error { return MovePart(ctx, w, uuid, act, reason) })
}

const updateStatus = `UPDATE identity SET status = $3, active_again_at = COALESCE(CAST($4 AS BIGINT), active_again_at)
	WHERE uuid = $1 AND status = $2`

// MovePart does what Move does, as a part of another Update.
func MovePart(ctx context.Context, w *db.W, uuid string, act Act, reason string) error {
	i, err := ByUUID(ctx, w, uuid)
	if err != nil {
		return err
	}
	next, ok := After(i.Status, act)
	if !ok {
		return refuseMove(ctx, w, i, act, reason)
	}
	again := time.Time{}
	if act == Resume || act == Reopen {
		again = w.Now()
	}
	if err := w.Change(ctx, updateStatus, uuid, string(i.Status), string(next), again); err != nil {
		return fmt.Errorf("%s identity: %w", act, err)
	}
	if err := change.Note(ctx, w, change.OfPerson(uuid)); err != nil {
		return err
	}
	if next != Active {
		if err := w.Enqueue(ctx, Ended{UUID: uuid}); err != nil {
			return err
		}
	}
	return w.Record(ctx, audit.Event{
		Kind: eventMoved, Subject: Ref(uuid), Before: i.Status, After: next, Reason: reason,
	})
}

func refuseMove(ctx context.Context, w *db.W, i Identity, act Act, reason string) error {
	event := audit.Event{Kind: eventMoveRefused, Subject: Ref(i.UUID), Before: i.Status, After: act, Reason: reason}
	return w.Refuse(ctx, event, fault.SayCure(fault.Conflict,
		"This care identity is "+string(i.Status)+", so that cannot be done.", "Look at the profile again."))
}

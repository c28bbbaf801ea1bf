package client

import (
	"context"
	"errors"
	"fmt"

	"signpost/internal/careid/provider/naming"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Move is a change of a client's state.
type Move string

// The moves. A client that was closed stays so.
const (
	Suspend Move = "suspend"
	Resume  Move = "resume"
	Close   Move = "close"
)

var moves = map[Move]struct {
	from, to string
	event    audit.Kind
}{
	Suspend: {active, suspended, EventSuspended},
	Resume:  {suspended, active, EventResumed},
	Close:   {suspended, closed, EventClosed},
}

const updateStatus = `UPDATE provider_client SET status = $3, version = version + 1
	WHERE client_id = $1 AND status = $2`

// errOwn keeps operators from locking out everybody who could undo what they do.
var errOwn = fault.SayCure(fault.Conflict,
	"This client is one of the system's own sites. Suspended, it would let nobody in who could resume it.",
	"Ask those who run the system: the command signpost admin client does it.")

// Do moves a client to another state; the change takes effect at once. The client's team may do this, and
// the operators, except that they cannot close a client. The system's own sites stay as they are.
func Do(ctx context.Context, d *db.DB, by actor.Actor, id string, m Move) error {
	return d.Update(ctx, by, func(w *db.W) error {
		c, err := ByID(ctx, w, id)
		if err != nil {
			return err
		}
		teams := []string{c.Team, team.Operators}
		if m == Close {
			teams = teams[:1]
		}
		if err := team.Allow(ctx, w, Ref(id), teams...); err != nil {
			return err
		}
		if c.Own() {
			return errOwn
		}
		return MovePart(ctx, w, id, m)
	})
}

// MovePart moves a client to another state, any client, as a part of an Update. The caller has made sure that the
// actor may.
func MovePart(ctx context.Context, w *db.W, id string, m Move) error {
	step, known := moves[m]
	if !known {
		return fault.Invalid
	}
	err := w.Change(ctx, updateStatus, id, step.from, step.to)
	if errors.Is(err, fault.Conflict) {
		return fault.SayCure(fault.Conflict, "The client is not in the state that this needs.",
			"Look at its page again: somebody may have changed it in the meantime. "+
				"A client has to be suspended before it is deleted.")
	}
	if err != nil {
		return fmt.Errorf("%s client: %w", m, err)
	}
	if step.to == closed {
		if err := naming.Put(ctx, w, Ref(id)); err != nil {
			return err
		}
	}
	return w.Record(ctx, audit.Event{Kind: step.event, Subject: Ref(id), Before: step.from, After: step.to})
}

// Give assigns a client to a team, as a part of an Update.
func Give(ctx context.Context, w *db.W, id, teamID string) error {
	c, err := ByID(ctx, w, id)
	if err != nil || c.Team == teamID {
		return err
	}
	if err := w.Change(ctx, `UPDATE provider_client SET team_id = $2, version = version + 1
		WHERE client_id = $1`, id, teamID); err != nil {
		return fmt.Errorf("give client to team: %w", err)
	}
	return w.Record(ctx, audit.Event{Kind: EventGiven, Subject: Ref(id), Before: c.Team, After: teamID})
}

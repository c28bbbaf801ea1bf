package staffrecord

import (
	"context"
	"fmt"

	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// column is one by which messages that wait are found.
type column string

const (
	byEmployee   column = "employee"
	byPosition   column = "staff_position"
	byAssignment column = "assignment"
)

// waitingFor lists the messages of an organisation that wait and have a value in a column, as they came.
func waitingFor(ctx context.Context, r db.R, organisation string, c column, value string) ([]Entry, error) {
	list, err := db.All(ctx, r, scanEntry, messageColumns+` WHERE organisation = $1 AND state = 'waiting' AND `+
		string(c)+` = $2 ORDER BY received_at, place, id`, organisation, value)
	if err != nil {
		return nil, fmt.Errorf("list messages that wait: %w", err)
	}
	return list, nil
}

// retryAfter does what waited for a message that was done.
func retryAfter(ctx context.Context, w *db.W, k Kept, o Outcome) error {
	if o.State != Done {
		return nil
	}
	switch k.Kind {
	case Associate:
		return retryAll(ctx, w, k.Organisation, byEmployee, k.Employee)
	case AssignPosition:
		return retryAll(ctx, w, k.Organisation, byAssignment, k.Assignment)
	}
	return nil
}

// retryAll does the messages once more that waited for something.
func retryAll(ctx context.Context, w *db.W, organisation string, c column, value string) error {
	list, err := waitingFor(ctx, w, organisation, c, value)
	if err != nil {
		return err
	}
	for _, e := range list {
		if err := retry(ctx, w, e); err != nil {
			return err
		}
	}
	return nil
}

// retry does a message once more, and what waited for it.
func retry(ctx context.Context, w *db.W, e Entry) error {
	now, err := ByID(ctx, w, e.Organisation, e.ID)
	if err != nil || now.Outcome.State != e.Outcome.State {
		return err // one that went before it settled it
	}
	o, err := do(ctx, w, e.Kept)
	if err != nil {
		return err
	}
	if o.State == e.Outcome.State && o.Text == e.Outcome.Text {
		return nil
	}
	if err := settle(ctx, w, e, o); err != nil {
		return err
	}
	if err := record(ctx, w, e.Kept, o); err != nil {
		return err
	}
	return retryAfter(ctx, w, e.Kept, o)
}

var errSettled = fault.SayCure(fault.Conflict, "This message has been settled already.",
	"Go back to the list of messages.")

// looking does something to a message that waits or failed, for an actor whose registration authority decides requests
// of the organisation.
func looking(
	ctx context.Context, d *db.DB, by actor.Actor, organisation, id string, fn func(w *db.W, e Entry) error,
) error {
	return d.Update(ctx, by, func(w *db.W) error {
		_, err := officer.Require(ctx, w, officer.Asked{
			Act: permission.DecideRequest, About: ref(organisation, id), At: []string{organisation},
		})
		if err != nil {
			return err
		}
		e, err := ByID(ctx, w, organisation, id)
		if err != nil {
			return err
		}
		if e.Outcome.State != Waiting && e.Outcome.State != Failed {
			return errSettled
		}
		return fn(w, e)
	})
}

// TryAgain does a message once more, after somebody put right what it failed for.
func TryAgain(ctx context.Context, d *db.DB, by actor.Actor, organisation, id string) error {
	return looking(ctx, d, by, organisation, id, func(w *db.W, e Entry) error { return retry(ctx, w, e) })
}

// Drop settles a message of which nothing is to be done, with the reason.
func Drop(ctx context.Context, d *db.DB, by actor.Actor, organisation, id, reason string) error {
	reason, err := reasonOf(reason)
	if err != nil {
		return err
	}
	return looking(ctx, d, by, organisation, id, func(w *db.W, e Entry) error {
		o := e.Outcome
		o.State = Dropped
		o.Text = reason
		if err := settle(ctx, w, e, o); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventDropped, Subject: ref(organisation, id), Reason: reason})
	})
}

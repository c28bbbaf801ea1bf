package deciding

import (
	"context"
	"fmt"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/positions"
	"signpost/internal/careid/registration/staffrecord"
	"signpost/internal/careid/request"
	"signpost/internal/platform/db"
)

// doers do what is asked for when it is approved, with the rights of whoever approves. What has none here is done on
// the page of the person.
var doers = request.Doers{
	request.GrantPosition:  grant,
	request.ChangeDates:    changeDates,
	request.EndPosition:    endPosition,
	request.ReopenIdentity: reopen,
	request.Reactivate:     reactivate,
	request.FromStaff:      staffrecord.Create,
	request.ByStaff:        staffrecord.Modify,
}

// Automatic reports whether approving a request does what it asks for.
func Automatic(q request.Request) bool {
	_, is := doers[q.Kind()]
	return is && (q.Subject.UUID != "" || q.Kind().Recorded())
}

func reasonOf(q request.Request) string { return "Request " + q.Number + ": " + q.Reason }

func grant(ctx context.Context, w *db.W, q request.Request) error {
	what, is := q.What.(request.Grant)
	if !is {
		return fmt.Errorf("request %s gives no position", q.ID)
	}
	during := registration.Dates{Starts: what.Starts, Ends: what.Ends}
	if what.Position != "" {
		return positions.GivePart(ctx, w, q.Subject.UUID, what.Position, during)
	}
	return registration.GivePart(ctx, w, q.Subject.UUID, what.Template, q.Organisation, during)
}

func changeDates(ctx context.Context, w *db.W, q request.Request) error {
	what, is := q.What.(request.Dates)
	if !is {
		return fmt.Errorf("request %s changes no dates", q.ID)
	}
	during := registration.Dates{Starts: what.Starts, Ends: what.Ends}
	return registration.DatesPart(ctx, w, q.Subject.UUID, what.Assignment, during)
}

func endPosition(ctx context.Context, w *db.W, q request.Request) error {
	what, is := q.What.(request.End)
	if !is {
		return fmt.Errorf("request %s ends no position", q.ID)
	}
	return registration.EndPart(ctx, w, q.Subject.UUID, what.Assignment, reasonOf(q))
}

func reopen(ctx context.Context, w *db.W, q request.Request) error {
	return move(ctx, w, q, identity.Reopen)
}

// reactivate makes an identity active again, whatever it is now. One that is active lacks something else, which whoever
// approves has looked after.
func reactivate(ctx context.Context, w *db.W, q request.Request) error {
	person, err := identity.ByUUID(ctx, w, q.Subject.UUID)
	if err != nil {
		return err
	}
	for _, act := range []identity.Act{identity.Activate, identity.Resume, identity.Reopen} {
		if _, possible := identity.After(person.Status, act); possible {
			return move(ctx, w, q, act)
		}
	}
	return nil
}

func move(ctx context.Context, w *db.W, q request.Request, act identity.Act) error {
	if err := authenticator.EndInvitations(ctx, w, q.Subject.UUID); err != nil {
		return err
	}
	return identity.MovePart(ctx, w, q.Subject.UUID, act, reasonOf(q))
}

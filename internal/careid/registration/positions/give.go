package positions

import (
	"context"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var (
	errNone = fault.OfField("positions", "Select at least one position")
	errJob  = fault.OfField("positions", "A position that makes somebody of a registration authority is given above, "+
		"by two people")
	errHeld = fault.SayOfField("positions", fault.Conflict, "They have one of these positions already")
	errOver = fault.SayOfField("positions", fault.Conflict, "One of these positions is closed. Select others")
	errIdle = fault.SayOfField("positions", fault.Conflict, "This Care Identity is not active")
)

// Give gives somebody positions that organisations have made, all with the same dates, or none of them. Those that make
// somebody of a registration authority are given otherwise, as it takes two people.
func Give(
	ctx context.Context, d *db.DB, by actor.Actor, uuid string, ids []string, during registration.Dates,
) error {
	if len(ids) == 0 {
		return errNone
	}
	act := permission.AssignPosition
	if len(ids) > 1 {
		act = permission.ChangeSeveral
	}
	return d.Update(ctx, by, func(w *db.W) error {
		for _, id := range ids {
			if err := give(ctx, w, act, uuid, id, during); err != nil {
				return err
			}
		}
		return nil
	})
}

func give(
	ctx context.Context, w *db.W, act permission.Act, uuid, id string, during registration.Dates,
) error {
	p, err := access.PositionByID(ctx, w, id)
	if err != nil {
		return err
	}
	_, person, err := officer.RequireOver(ctx, w, act, uuid, p.Organisation)
	if err != nil {
		return err
	}
	rules, err := officer.Rules(ctx, w)
	if err != nil {
		return err
	}
	held, err := access.OfIdentity(ctx, w, uuid)
	if err != nil {
		return err
	}
	isIt := func(a access.Assignment) bool { return a.Position.ID == id && !a.Over(w.Now()) }
	switch {
	case person.Status != identity.Active:
		return errIdle
	case len(officer.JobsIn(rules, p)) > 0:
		return errJob
	case p.Over(w.Now()):
		return errOver
	case slices.ContainsFunc(held, isIt):
		return errHeld
	}
	return access.Assign(ctx, w, access.Grant{UUID: uuid, Position: id, Organisation: p.Organisation,
		Starts: during.Begins(w.Now()), Ends: during.Ends, Number: identity.Number})
}

package positions

import (
	"context"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/request"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var (
	errNone = fault.OfField("positions", "Select at least one position")
	errHeld = fault.SayOfField("positions", fault.Conflict, "They have one of these positions already")
	errOver = fault.SayOfField("positions", fault.Conflict, "One of these positions is closed. Select others")
	errIdle = fault.SayOfField("positions", fault.Conflict, "This Care Identity is not active")
)

// Give gives somebody positions that organisations have made, all with the same dates, or none of them. Those that make
// somebody of a registration authority are asked for where it takes two people to give them, and the numbers of these
// requests are given.
func Give(
	ctx context.Context, d *db.DB, by actor.Actor, uuid string, ids []string, during registration.Dates,
) (asked []string, err error) {
	if len(ids) == 0 {
		return nil, errNone
	}
	act := permission.AssignPosition
	if len(ids) > 1 {
		act = permission.ChangeSeveral
	}
	return db.Write(ctx, d, by, func(w *db.W) (asked []string, err error) {
		for _, id := range ids {
			number, err := giveOrAsk(ctx, w, act, uuid, id, during)
			if err != nil {
				return nil, err
			}
			if number != "" {
				asked = append(asked, number)
			}
		}
		return asked, nil
	})
}

func giveOrAsk(
	ctx context.Context, w *db.W, act permission.Act, uuid, id string, during registration.Dates,
) (number string, err error) {
	p, err := mayGive(ctx, w, act, uuid, id)
	if err != nil {
		return "", err
	}
	two, err := registration.TakesTwo(ctx, w, uuid, p)
	if err != nil {
		return "", err
	}
	if !two {
		return "", assign(ctx, w, uuid, p, during)
	}
	asked, err := request.Open(ctx, w, request.New{
		Subject: request.Subject{UUID: uuid}, Organisation: p.Organisation, Reason: registration.WhyTwo(p.Name),
		What: request.Grant{Position: id, Starts: during.Starts, Ends: during.Ends},
	})
	return asked.Number, err
}

// GivePart gives a position of an organisation, as a part of an Update whose actor is the second person, or may give it
// alone.
func GivePart(ctx context.Context, w *db.W, uuid, id string, during registration.Dates) error {
	p, err := mayGive(ctx, w, permission.AssignPosition, uuid, id)
	if err != nil {
		return err
	}
	return assign(ctx, w, uuid, p, during)
}

// mayGive refuses an actor who may not give somebody a position, and one that cannot be given, and gives it.
func mayGive(ctx context.Context, w *db.W, act permission.Act, uuid, id string) (access.Position, error) {
	p, err := access.PositionByID(ctx, w, id)
	if err != nil {
		return p, err
	}
	_, person, err := officer.RequireFor(ctx, w, act, uuid, p)
	if err != nil {
		return p, err
	}
	held, err := access.OfIdentity(ctx, w, uuid)
	if err != nil {
		return p, err
	}
	isIt := func(a access.Assignment) bool { return a.Position.ID == id && !a.Over(w.Now()) }
	switch {
	case person.Status != identity.Active:
		return p, errIdle
	case p.Over(w.Now()):
		return p, errOver
	case slices.ContainsFunc(held, isIt):
		return p, errHeld
	}
	return p, nil
}

// assign gives a position. Nobody makes a manager of whom they verified.
func assign(ctx context.Context, w *db.W, uuid string, p access.Position, during registration.Dates) error {
	law, err := officer.LawFor(ctx, w, p)
	if err != nil {
		return err
	}
	if law.Makes(p, permission.Manager) {
		if err := registration.RequireAnother(ctx, w, uuid); err != nil {
			return err
		}
	}
	return access.Assign(ctx, w, access.Grant{UUID: uuid, Position: p.ID, Organisation: p.Organisation,
		Starts: during.Begins(w.Now()), Ends: during.Ends, Number: identity.Number})
}

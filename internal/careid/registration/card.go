package registration

import (
	"context"
	"slices"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator/smartcard/issuing"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// CardCode allows one act at a card reader.
type CardCode struct {
	Code string
	Ends time.Time
}

var errNoCards = fault.SayCure(fault.Conflict, "Their organisation has not approved smartcards.",
	"Ask whoever decides which authenticators it approves.")

// AllowCard lets an act be done at a card reader for somebody, by whoever has the code that it gives.
func AllowCard(ctx context.Context, d *db.DB, by actor.Actor, uuid string, act issuing.Act) (CardCode, error) {
	return db.Write(ctx, d, by, func(w *db.W) (c CardCode, err error) {
		_, person, err := requireOver(ctx, w, uuid)
		if err != nil {
			return c, err
		}
		if person.Status != identity.Active {
			return c, errNotActive
		}
		policies, err := organisation.PoliciesAt(ctx, w, []string{person.Organisation})
		if err != nil {
			return c, err
		}
		if act == issuing.Issue && !slices.Contains(policies.Kinds(), issuing.Kind) {
			return c, errNoCards
		}
		c.Code, c.Ends, err = issuing.Allow(ctx, w, uuid, act)
		return c, err
	})
}

// CancelCard cancels somebody's smartcard: nobody can log in with it any more.
func CancelCard(ctx context.Context, d *db.DB, by actor.Actor, uuid, reason string) error {
	reason, err := access.Reason("why", reason, "Enter why the smartcard is cancelled")
	if err != nil {
		return err
	}
	return d.Update(ctx, by, func(w *db.W) error {
		if _, _, err := requireOver(ctx, w, uuid); err != nil {
			return err
		}
		return issuing.Cancel(ctx, w, uuid, reason)
	})
}

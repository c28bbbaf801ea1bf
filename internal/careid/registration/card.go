package registration

import (
	"context"
	"slices"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator/smartcard/issuing"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/permission"
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
		needed, err := CardNeeds(ctx, w, uuid, act)
		if err != nil {
			return c, err
		}
		_, person, err := requireOver(ctx, w, needed, uuid)
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

// CardNeeds gives what an act at a card reader needs: to renew a card whose certificates have expired needs more than
// to renew one before that.
func CardNeeds(ctx context.Context, r db.R, uuid string, act issuing.Act) (permission.Act, error) {
	switch act {
	case issuing.Unlock:
		return permission.UnlockCard, nil
	case issuing.Renew:
		ends, err := issuing.Ends(ctx, r, uuid)
		if err == nil && r.Now().Before(ends) {
			return permission.RenewCard, nil
		}
		return permission.RenewExpiredCard, err
	case issuing.Issue:
	}
	return permission.IssueCard, nil
}

// CancelCard cancels somebody's smartcard: nobody can log in with it any more.
func CancelCard(ctx context.Context, d *db.DB, by actor.Actor, uuid, reason string) error {
	reason, err := access.Reason("why", reason, "Enter why the smartcard is cancelled")
	if err != nil {
		return err
	}
	return d.Update(ctx, by, func(w *db.W) error {
		if _, _, err := requireOver(ctx, w, permission.IssueCard, uuid); err != nil {
			return err
		}
		return issuing.Cancel(ctx, w, uuid, reason)
	})
}

package registration

import (
	"context"
	"errors"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Act is what a registration authority does to somebody's authenticator.
type Act string

// The acts.
const (
	Suspend Act = "suspend"
	Restore Act = "restore"
	Unlock  Act = "unlock"
	Remove  Act = "remove"
)

var (
	errAct      = fault.OfField("act", "Select what you want to do")
	errOne      = fault.OfField("authenticator", "Select one of their authenticators")
	errLinkOver = fault.SayOfField("why_withdraw", fault.Conflict,
		"That link has been used, or has ended already. Nothing was changed")
	// errNow is for a page that was opened before somebody else acted.
	errNow = fault.SayOfField("act", fault.Conflict,
		"That cannot be done with this authenticator as it is now. Look at its status")
)

// Possible lists the acts that are possible on an authenticator; locked says that it is, on some browser.
func Possible(a authenticator.Authenticator, locked bool) (acts []Act) {
	switch a.Status {
	case authenticator.Active:
		acts = append(acts, Suspend)
	case authenticator.Suspended:
		acts = append(acts, Restore)
	case authenticator.Removed:
		return nil
	}
	if locked {
		acts = append(acts, Unlock)
	}
	return append(acts, Remove)
}

// ActOn suspends, restores, unlocks or removes an authenticator of somebody, who is told of it.
func ActOn(ctx context.Context, d *db.DB, by actor.Actor, uuid, id string, act Act, reason string) error {
	reason, err := access.Reason("why_act", reason, "Enter why")
	if err != nil {
		return err
	}
	return d.Update(ctx, by, func(w *db.W) error {
		if _, _, err := requireOver(ctx, w, permission.BindAuthenticator, uuid); err != nil {
			return err
		}
		return actOn(ctx, w, uuid, id, act, reason)
	})
}

func actOn(ctx context.Context, w *db.W, uuid, id string, act Act, reason string) error {
	bound, err := authenticator.OfIdentity(ctx, w, uuid)
	if err != nil {
		return err
	}
	locks, err := authenticator.Locks(ctx, w, uuid)
	if err != nil {
		return err
	}
	for _, a := range bound {
		if a.ID != id {
			continue
		}
		_, locked := locks[id]
		if !slices.Contains(Possible(a, locked), act) {
			return errNow
		}
		return act.do(ctx, w, id, reason)
	}
	return errOne
}

func (act Act) do(ctx context.Context, w *db.W, id, reason string) error {
	switch act {
	case Suspend:
		return authenticator.SuspendPart(ctx, w, id, reason)
	case Restore:
		return authenticator.RestorePart(ctx, w, id, reason)
	case Unlock:
		return authenticator.Unlock(ctx, w, id, reason)
	case Remove:
		return authenticator.Remove(ctx, w, id, reason)
	}
	return errAct
}

// WithdrawLink ends a link that somebody has not used yet.
func WithdrawLink(ctx context.Context, d *db.DB, by actor.Actor, uuid, id, reason string) error {
	reason, err := access.Reason("why_withdraw", reason, "Enter why the link is withdrawn")
	if err != nil {
		return err
	}
	return d.Update(ctx, by, func(w *db.W) error {
		if _, _, err := requireOver(ctx, w, permission.BindAuthenticator, uuid); err != nil {
			return err
		}
		err := authenticator.WithdrawInvitation(ctx, w, uuid, id, reason)
		if errors.Is(err, fault.Conflict) {
			return errLinkOver
		}
		return err
	})
}

// Package registration holds the guarded acts of the registration authority on people: making their Care Identities,
// suspending, closing and reopening them, giving and ending their positions, links to add authenticators, ending the
// locks of these, and making the first manager of an organisation.
//
// It does not know what locks authenticators, nor how they are bound: package authenticator does.
package registration

import (
	"context"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// ErrNotLocked says that an authenticator is not locked, or no longer.
var ErrNotLocked = fault.Say(fault.Conflict, "That lock has ended already.")

// EndLock ends the locks of one authenticator of a care identity, for somebody at the service desk, who has to
// give a reason.
func EndLock(ctx context.Context, d *db.DB, by actor.Actor, uuid, id, reason string) error {
	reason, err := access.Reason("why", reason, "Enter why you are ending the lock")
	if err != nil {
		return err
	}
	return d.Update(ctx, by, func(w *db.W) error {
		if err := access.RequireDesk(ctx, w, identity.Ref(uuid)); err != nil {
			return err
		}
		locks, err := authenticator.Locks(ctx, w, uuid)
		if err != nil {
			return err
		}
		if _, locked := locks[id]; !locked {
			return ErrNotLocked
		}
		return authenticator.Unlock(ctx, w, id, reason)
	})
}

// EndLocks ends the locks of all authenticators of a care identity, for whoever runs the system, and gives how many
// were locked.
func EndLocks(ctx context.Context, d *db.DB, by actor.Actor, uuid, reason string) (int, error) {
	return db.Write(ctx, d, by, func(w *db.W) (int, error) {
		locks, err := authenticator.Locks(ctx, w, uuid)
		if err != nil {
			return 0, err
		}
		for id := range locks {
			if err := authenticator.Unlock(ctx, w, id, reason); err != nil {
				return 0, err
			}
		}
		return len(locks), nil
	})
}

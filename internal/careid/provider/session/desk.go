package session

import (
	"context"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var errEnded = fault.SayOfField("session", fault.Conflict,
	"That session has ended already. Choose one that is still there")

// EndFromDesk ends one session of a care identity, or all of them if id is empty, for somebody at the service desk,
// who has to give a reason.
func (s *Sessions) EndFromDesk(ctx context.Context, by actor.Actor, uuid, id, reason string) error {
	reason, err := access.Reason("reason", reason, "Enter why you are ending the session")
	if err != nil {
		return err
	}
	return s.db.Update(ctx, by, func(w *db.W) error {
		if err := access.RequireDesk(ctx, w, identity.Ref(uuid)); err != nil {
			return err
		}
		why := ending{reason, ByDesk}
		ended, err := s.endEach(ctx, w, uuid, why, func(one Session) bool { return id == "" || one.ID == id })
		if err == nil && ended == 0 {
			return errEnded
		}
		return err
	})
}

package session

import (
	"context"
	"strings"
	"unicode/utf8"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var (
	errNoReason   = fault.OfField("reason", "Enter why you are ending the session")
	errLongReason = fault.OfField("reason", "The reason must be 500 characters or fewer")
	errEnded      = fault.OfField("session", "That session has ended already. Choose one that is still there")
)

const maxReason = 500

// EndFromDesk ends one session of a care identity, or all of them if id is empty, for somebody at the service desk,
// who has to give a reason.
func (s *Sessions) EndFromDesk(ctx context.Context, by actor.Actor, uuid, id, reason string) error {
	reason = strings.TrimSpace(reason)
	switch {
	case reason == "":
		return errNoReason
	case utf8.RuneCountInString(reason) > maxReason:
		return errLongReason
	}
	return s.db.Update(ctx, by, func(w *db.W) error {
		if err := access.RequireDesk(ctx, w, identity.Ref(uuid)); err != nil {
			return err
		}
		ended, err := s.endEach(ctx, w, uuid, reason, func(one Session) bool { return id == "" || one.ID == id })
		if err == nil && ended == 0 {
			return errEnded
		}
		return err
	})
}

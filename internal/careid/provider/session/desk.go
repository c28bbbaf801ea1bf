package session

import (
	"context"
	"strings"
	"unicode/utf8"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var (
	errNoReason   = fault.OfField("reason", "Enter why you are ending the session")
	errLongReason = fault.OfField("reason", "The reason must be 500 characters or fewer")
	errEnded      = fault.OfField("session", "That session has ended already. Choose one that is still there")
	errNotDesk    = fault.SayCure(fault.Forbidden, "Only the service desk may end other people's sessions.",
		"Ask a registration authority manager or agent, or systems support.")
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
		if err := allowDesk(ctx, w, uuid); err != nil {
			return err
		}
		ended, err := s.endEach(ctx, w, uuid, reason, func(one Session) bool { return id == "" || one.ID == id })
		if err == nil && ended == 0 {
			return errEnded
		}
		return err
	})
}

// eventDeskRefused is recorded when somebody acts as the service desk without having a role of it.
const eventDeskRefused audit.Kind = "desk.refused"

// allowDesk reads the actor's roles again, within the same Update, and refuses an actor who has no role of the
// service desk.
func allowDesk(ctx context.Context, w *db.W, uuid string) error {
	profiles, err := access.RoleProfiles(ctx, w, w.Actor().ID, w.Now())
	if err != nil {
		return err
	}
	if _, allowed := access.DeskProfile(profiles, w.Actor().Role); allowed && w.Actor().Kind == actor.Person {
		return nil
	}
	return w.Refuse(ctx, audit.Event{Kind: eventDeskRefused, Subject: identity.Ref(uuid),
		Reason: "the actor has no role of the service desk"}, errNotDesk)
}

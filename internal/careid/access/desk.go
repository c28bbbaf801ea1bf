package access

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// eventDeskRefused is recorded when somebody acts as the service desk without having a role of it.
const eventDeskRefused audit.Kind = "desk.refused"

var errNotDesk = fault.SayCure(fault.Forbidden, "Only the service desk may do this for other people.",
	"Ask a registration authority manager or agent, or systems support.")

// RequireDesk reads the actor's roles again, within the same Update, and refuses an actor who has no role of the
// service desk. about names whom the act concerns.
func RequireDesk(ctx context.Context, w *db.W, about audit.Ref) error {
	profiles, err := RoleProfiles(ctx, w, w.Actor().ID, w.Now())
	if err != nil {
		return err
	}
	if _, allowed := DeskProfile(profiles, w.Actor().Role); allowed && w.Actor().Kind == actor.Person {
		return nil
	}
	return w.Refuse(ctx, audit.Event{Kind: eventDeskRefused, Subject: about,
		Reason: "the actor has no role of the service desk"}, errNotDesk)
}

const maxReason = 500 // characters

// Reason reads why somebody of the service desk acts, as they typed it into a field. Without any, the field is told
// what is missing.
func Reason(field, typed, missing string) (string, error) {
	typed = strings.TrimSpace(typed)
	switch {
	case typed == "":
		return "", fault.OfField(field, missing)
	case utf8.RuneCountInString(typed) > maxReason:
		return "", fault.OfField(field, fmt.Sprintf("The reason must be %d characters or fewer", maxReason))
	}
	return typed, nil
}

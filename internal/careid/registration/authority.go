package registration

import (
	"context"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// require refuses whoever has no job that lets them do an act at all of some organisations. about names whom or what
// it concerns.
func require(
	ctx context.Context, w *db.W, act permission.Act, about audit.Ref, at ...string,
) (officer.Officer, error) {
	return officer.Require(ctx, w, officer.Asked{Act: act, About: about, At: at})
}

// requireOver refuses an act on somebody whom the actor's job does not let them do it to, at their organisation and at
// some others. It gives the actor's job and the person.
func requireOver(
	ctx context.Context, w *db.W, act permission.Act, uuid string, at ...string,
) (officer.Officer, identity.Identity, error) {
	return officer.RequireOver(ctx, w, act, uuid, at...)
}

// RequireOver refuses an act of a registration authority on somebody, as each act here does, for the rooms below. It
// gives the person.
func RequireOver(ctx context.Context, w *db.W, act permission.Act, uuid string) (identity.Identity, error) {
	_, person, err := requireOver(ctx, w, act, uuid)
	return person, err
}

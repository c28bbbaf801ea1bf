package registration

import (
	"context"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// eventRefused is recorded when somebody acts as a registration authority without being allowed to.
const eventRefused audit.Kind = "registration.refused"

// Why somebody may not do what a registration authority does.
var (
	errNotAuthority = fault.SayCure(fault.Forbidden,
		"Only registration authority managers and agents may do this for other people.",
		"Ask a registration authority manager.")
	errOwn = fault.SayCure(fault.Forbidden, "Nobody may do this to their own Care Identity.",
		"Ask another registration authority manager or agent.")
	errNotServed = fault.SayCure(fault.Forbidden, "Your registration authority does not serve this organisation.",
		"Ask the registration authority of the organisation: Find your registration authority says which that is.")
	errManagers = fault.SayCure(fault.Forbidden, "Only a registration authority manager may do this.",
		"Ask a registration authority manager.")
)

// require reads the actor's identity and roles again, within the same Update, and refuses whoever has no job at a
// registration authority. about names whom the act concerns.
func require(ctx context.Context, w *db.W, about audit.Ref) (access.Authority, error) {
	none := access.Authority{}
	refusal := audit.Event{Kind: eventRefused, Subject: about, Reason: "the actor is of no registration authority"}
	if w.Actor().Kind != actor.Person {
		return none, w.Refuse(ctx, refusal, errNotAuthority)
	}
	authority, allowed, err := authorityOf(ctx, w, w.Actor())
	if err == nil && !allowed {
		return none, w.Refuse(ctx, refusal, errNotAuthority)
	}
	return authority, err
}

// authorityOf gives somebody's job at a registration authority; false if they have none, or are not active.
func authorityOf(ctx context.Context, r db.R, by actor.Actor) (a access.Authority, allowed bool, err error) {
	i, err := identity.ByUUID(ctx, r, by.ID)
	if err != nil {
		return a, false, err
	}
	profiles, err := access.RoleProfiles(ctx, r, i.UUID, r.Now())
	if err != nil {
		return a, false, err
	}
	a, allowed = access.AuthorityOf(profiles, by.Role)
	return a, allowed && i.Status == identity.Active, nil
}

// requireServed refuses an act at an organisation that the actor's registration authority does not serve.
func requireServed(ctx context.Context, w *db.W, a access.Authority, code string, about audit.Ref) error {
	served, err := organisation.Serves(ctx, w, a.Organisation, code)
	if err != nil || served {
		return err
	}
	return w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: about,
		Reason: "the actor's registration authority does not serve the organisation"}, errNotServed)
}

// requireOver refuses an act on somebody unless their organisation is one that the actor's registration authority
// serves, they are somebody else, and only a manager acts on a manager. It gives the actor's job and the person.
func requireOver(ctx context.Context, w *db.W, uuid string) (access.Authority, identity.Identity, error) {
	about := identity.Ref(uuid)
	authority, err := require(ctx, w, about)
	if err != nil {
		return authority, identity.Identity{}, err
	}
	person, err := identity.ByUUID(ctx, w, uuid)
	if err != nil {
		return authority, person, err
	}
	if uuid == w.Actor().ID {
		return authority, person, w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: about,
			Reason: "the actor's own Care Identity"}, errOwn)
	}
	if err := requireServed(ctx, w, authority, person.Organisation, about); err != nil || authority.Manager {
		return authority, person, err
	}
	profiles, err := access.RoleProfiles(ctx, w, uuid, w.Now())
	if err != nil {
		return authority, person, err
	}
	manages := slices.ContainsFunc(profiles, func(p access.RoleProfile) bool {
		role, err := rbac.ParseRole(p.RoleCode)
		return err == nil && role.Job == rbac.RegistrationManager
	})
	if manages {
		return authority, person, w.Refuse(ctx, audit.Event{Kind: eventRefused, Subject: about,
			Reason: "an agent acts on a manager"}, errManagers)
	}
	return authority, person, nil
}

// RequireOver refuses an act of a registration authority on somebody, as each act here does, for the rooms below. It
// gives the person.
func RequireOver(ctx context.Context, w *db.W, uuid string) (identity.Identity, error) {
	_, person, err := requireOver(ctx, w, uuid)
	return person, err
}

package registration

import (
	"context"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

var (
	errKind  = fault.OfField("kind", "Select what you want to add")
	errLevel = fault.SayOfField("kind", fault.Conflict,
		"Log in with a stronger authenticator to add this one, or ask your registration authority for a link")
)

// OwnKinds lists, of the kinds that can be added here, those that somebody may add who has just logged in at a level:
// none that can have a higher one, and what an organisation that they work for has approved.
func OwnKinds(
	ctx context.Context, r db.R, i identity.Identity, level authn.Level, offered []authn.Kind,
) ([]authn.Kind, error) {
	held, err := access.OfIdentity(ctx, r, i.UUID)
	if err != nil {
		return nil, err
	}
	policies, err := organisation.PoliciesAt(ctx, r,
		access.Workplaces(access.Effective(held, r.Now()), i.Organisation))
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(Offered(offered, policies), func(k authn.Kind) bool { return k.MaxLevel() > level }), nil
}

// InviteSelf makes a link by which the actor, who has just logged in at a level, adds an authenticator of a kind to
// their own Care Identity, and gives its path on the sign-in service.
func InviteSelf(
	ctx context.Context, d *db.DB, by actor.Actor, level authn.Level, offered []authn.Kind, kind authn.Kind,
) (path string, err error) {
	return db.Write(ctx, d, by, func(w *db.W) (string, error) {
		i, err := identity.ByUUID(ctx, w, by.ID)
		if err != nil {
			return "", err
		}
		if i.Status != identity.Active {
			return "", errNotActive
		}
		if err := requireEmail(i, w.Now()); err != nil {
			return "", err
		}
		kinds, err := OwnKinds(ctx, w, i, level, offered)
		if err != nil {
			return "", err
		}
		if !slices.Contains(kinds, kind) {
			refusal := errKind
			if kind.MaxLevel() > level {
				refusal = errLevel
			}
			return "", officer.Refuse(ctx, w, identity.Ref(i.UUID),
				"adds an authenticator that they may not: "+string(kind), refusal)
		}
		return authenticator.InviteSelf(ctx, w, kind)
	})
}

package registration

import (
	"context"
	"errors"
	"slices"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/authn"
	"signpost/internal/national/ods"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/when"
)

// Person is somebody who is to get a Care Identity. The actor saw their documents.
type Person struct {
	GivenName, MiddleNames, FamilyName string

	Email        string
	Organisation string // its ODS code
	Documents    identity.Documents
	IsNew        bool // the actor looked at those who may be the same person, and they are not
	Applied      bool // they applied: the actor saw pictures of their documents, and they read their mailbox
}

// eventLookedFor is recorded when people are shown to the actor, of whatever organisation, who may be the same as the
// one whom they describe: whoever goes through the names of others is seen.
const eventLookedFor audit.Kind = "registration.looked-for"

// ErrMatches says that there are people who may be the same as the one who is to be registered.
var ErrMatches = fault.SayOfField("another", fault.Conflict,
	"Look at the people listed below. If none of them is this person, tick the box")

var (
	errUnknownOrganisation = fault.OfField("organisation", "Enter the ODS code of an organisation that is known here")
	errEmail               = fault.OfField("email", "Enter their own work email address")
)

func (p Person) identity() identity.New {
	n := identity.New{
		GivenName: p.GivenName, MiddleNames: p.MiddleNames, FamilyName: p.FamilyName, Email: p.Email,
		Organisation: p.Organisation, Verified: true, AssuranceLevel: 3, Origin: identity.ByAuthority,
	}
	if p.Applied {
		n.Origin = identity.ByApplication
		n.EmailVerified = "link of an application"
	}
	return n
}

// route is how the actor saw the documents.
func (p Person) route() identity.Route {
	if p.Applied {
		return identity.AtApplication
	}
	return identity.FaceToFace
}

// Alike lists people who may be the same as one who is about to be registered.
func (p Person) Alike(ctx context.Context, r db.R) ([]identity.Identity, error) {
	return identity.Alike(ctx, r, p.identity())
}

// Make makes a Care Identity of somebody whose documents the actor, of a registration authority, saw: at identity
// level 3. It opens nothing before they have an authenticator and a position.
func Make(ctx context.Context, d *db.DB, by actor.Actor, p Person) (identity.Identity, error) {
	return db.Write(ctx, d, by, func(w *db.W) (identity.Identity, error) { return p.MakeIn(ctx, w) })
}

// MakeIn is Make as a part of an Update.
func (p Person) MakeIn(ctx context.Context, w *db.W) (none identity.Identity, err error) {
	if _, err := require(ctx, w, permission.CreateProfile, organisation.Ref(p.Organisation)); err != nil {
		return none, err
	}
	if p.Organisation, err = known(ctx, w, p.Organisation); err != nil {
		return none, err
	}
	about := organisation.Ref(p.Organisation)
	if _, err := require(ctx, w, permission.CreateProfile, about, p.Organisation); err != nil {
		return none, err
	}
	if err := p.check(ctx, w); err != nil {
		return none, err
	}
	made, err := identity.Add(ctx, w, p.identity())
	if err != nil {
		return none, err
	}
	return made, identity.NoteDocuments(ctx, w, made.UUID, p.route(), p.Documents)
}

// known gives the code of an organisation that is known here, in capitals.
func known(ctx context.Context, r db.R, typed string) (string, error) {
	code, err := ods.Parse(typed)
	if err != nil {
		return "", errUnknownOrganisation
	}
	_, err = organisation.ByCode(ctx, r, string(code))
	if errors.Is(err, fault.NotFound) {
		return "", errUnknownOrganisation
	}
	return string(code), err
}

// check says what is wrong with a person who is to be registered.
func (p Person) check(ctx context.Context, w *db.W) error {
	if p.Email == "" {
		return errEmail
	}
	if err := p.Documents.Check(); err != nil {
		return err
	}
	alike, err := p.Alike(ctx, w)
	if err != nil || len(alike) == 0 || p.IsNew {
		return err
	}
	return w.Refuse(ctx, audit.Event{Kind: eventLookedFor, Subject: organisation.Ref(p.Organisation),
		After: map[string]string{"given_name": p.GivenName, "family_name": p.FamilyName, "email": p.Email}}, ErrMatches)
}

var errNoKind = fault.SayCure(fault.Conflict,
	"No kind of authenticator that their organisation has approved can be added here.",
	"Ask whoever looks after the organisation's approved authenticators.")

var errWitness = fault.OfField("witness", "Select how you are with them now")

// Invite makes a one-time link by which somebody adds one authenticator of the kinds offered that their organisation
// has approved, and gives its path on the sign-in service. The actor sees them, in person or by video. Older links of
// theirs end. Somebody of a registration authority gets one from a person above them, or from a manager.
func Invite(
	ctx context.Context, d *db.DB, by actor.Actor, uuid string, offered []authn.Kind, seen authenticator.Witness,
) (path string, err error) {
	if !seen.Valid() {
		return "", errWitness
	}
	return db.Write(ctx, d, by, func(w *db.W) (string, error) {
		_, person, err := requireOver(ctx, w, permission.BindAuthenticator, uuid)
		if err != nil {
			return "", err
		}
		if person.Status != identity.Active {
			return "", errNotActive
		}
		if err := requireEmail(person, w.Now()); err != nil {
			return "", err
		}
		policies, err := organisation.PoliciesAt(ctx, w, []string{person.Organisation})
		if err != nil {
			return "", err
		}
		kinds := Offered(offered, policies)
		if len(kinds) == 0 {
			return "", errNoKind
		}
		return authenticator.InviteBefore(ctx, w, seen, uuid, kinds...)
	})
}

// requireEmail refuses to add an authenticator by an address that was changed lately: its code would go to whoever
// changed it.
func requireEmail(i identity.Identity, now time.Time) error {
	if i.Email == "" || i.EmailUsable(now) {
		return nil
	}
	return fault.SayCure(fault.Conflict, "The email address was changed less than 72 hours ago.",
		"A code to add an authenticator can be sent there from "+when.DateTime(i.EmailUsableFrom())+".")
}

// Offered gives those kinds that one of several policies approves.
func Offered(kinds []authn.Kind, policies organisation.Policies) []authn.Kind {
	approved := policies.Kinds()
	return slices.DeleteFunc(slices.Clone(kinds), func(k authn.Kind) bool { return !slices.Contains(approved, k) })
}

var errNotActive = fault.SayCure(fault.Conflict, "This Care Identity is not active.",
	"Make it active again first, if the person may use it.")

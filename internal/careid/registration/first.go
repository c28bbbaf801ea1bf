package registration

import (
	"context"
	"errors"
	"slices"
	"strings"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/national/authn"
	"signpost/internal/national/ods"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// First describes the first registration authority manager of an organisation. Whoever runs the system has checked who
// they are: their identity is verified at level 3.
type First struct {
	GivenName, FamilyName, Email string

	Organisation organisation.Organisation // its name is used where the organisation is not known yet
	Directory    bool                      // they also get the position that opens the Directory of Services
	Kinds        []authn.Kind              // of authenticator; they bind one of them
}

// FirstMade is a first manager as they were made.
type FirstMade struct {
	Identity     identity.Identity
	Organisation string // its code
	BindPath     string // of the one-time link by which they bind their authenticator, on the sign-in service
}

var (
	errHasManager = fault.SayCure(fault.Conflict, "The organisation has a registration authority manager already.",
		"They log in to Care Identity Management. An only one who cannot gets another link by the email address of "+
			"their Care Identity.")
	errNoOrganisation = fault.SayCure(fault.NotFound, "There is no organisation with that code here.",
		"Give its name too: --organisation-name.")
	errCode    = fault.OfField("organisation", "Enter an ODS code of 3 to 12 letters and digits, such as RXK")
	errNoEmail = fault.OfField("email", "Enter their email address: the code that goes with their link is sent there")
)

// FirstManager makes the first registration authority manager of an organisation, with the position and a one-time link
// to bind an authenticator. Asked again before they have bound one, it mends who they are and makes another link; the
// former ends. An organisation with a manager who has an authenticator gets no other this way; an only manager, named
// by their email address, gets another link, as nobody else could let them back in who lost theirs or has too weak a
// one.
func FirstManager(ctx context.Context, d *db.DB, by actor.Actor, n First) (FirstMade, error) {
	return db.Write(ctx, d, by, func(w *db.W) (made FirstMade, err error) {
		wanted, err := n.prepared(ctx, w)
		if err != nil {
			return made, err
		}
		uuid, err := wanted.manager(ctx, w)
		if err != nil {
			return made, err
		}
		if err := wanted.assignAll(ctx, w, uuid); err != nil {
			return made, err
		}
		made.Organisation = wanted.Organisation.Code
		if made.BindPath, err = authenticator.Invite(ctx, w, uuid, n.Kinds...); err != nil {
			return made, err
		}
		made.Identity, err = identity.ByUUID(ctx, w, uuid)
		return made, err
	})
}

// prepared makes sure that the organisation is known, and that the person can be mailed. Codes are in capitals.
func (n First) prepared(ctx context.Context, w *db.W) (First, error) {
	if n.Email == "" {
		return n, errNoEmail
	}
	code, err := ods.Parse(n.Organisation.Code)
	if err != nil {
		return n, errCode
	}
	n.Organisation.Code = string(code)
	_, err = organisation.ByCode(ctx, w, n.Organisation.Code)
	if !errors.Is(err, fault.NotFound) {
		return n, err
	}
	if n.Organisation.Name == "" {
		return n, errNoOrganisation
	}
	return n, organisation.Add(ctx, w, n.Organisation)
}

// manager gives the care identity of the manager: the one that the organisation has already, mended, if they have no
// authenticator, or as it is, if they are the one that was meant; else a new one.
func (n First) manager(ctx context.Context, w *db.W) (uuid string, err error) {
	wanted := identity.New{
		GivenName: n.GivenName, FamilyName: n.FamilyName, Email: n.Email, Verified: true, AssuranceLevel: 3,
		Organisation: n.Organisation.Code, Origin: identity.ByOperator,
	}
	managers, err := access.Managers(ctx, w, n.Organisation.Code)
	if err != nil {
		return "", err
	}
	if len(managers) == 0 {
		made, err := identity.Add(ctx, w, wanted)
		return made.UUID, err
	}
	uuid = managers[0]
	bound, err := authenticator.OfIdentity(ctx, w, uuid)
	if err != nil {
		return "", err
	}
	if len(managers) > 1 {
		return "", errHasManager
	}
	if len(bound) == 0 {
		return uuid, identity.Amend(ctx, w, uuid, wanted)
	}
	i, err := identity.ByUUID(ctx, w, uuid)
	if err == nil && (i.Status != identity.Active || !strings.EqualFold(i.Email, n.Email)) {
		err = errHasManager
	}
	return uuid, err
}

// assignAll gives somebody the positions that they do not hold yet.
func (n First) assignAll(ctx context.Context, w *db.W, uuid string) error {
	held, err := access.OfIdentity(ctx, w, uuid)
	if err != nil {
		return err
	}
	profiles := access.Effective(held, w.Now())
	for _, p := range n.positions() {
		role := p.Profiles[0].RoleCode
		has := slices.ContainsFunc(profiles, func(r access.RoleProfile) bool { return r.RoleCode == role })
		if has {
			continue
		}
		if err := n.assign(ctx, w, uuid, p); err != nil {
			return err
		}
	}
	return nil
}

// positions lists what the manager is to hold.
func (n First) positions() []access.Position {
	manager, _ := rbac.Full(rbac.RegistrationManager)
	list := []access.Position{{Name: managerPosition, Profiles: access.One(manager.String())}}
	if n.Directory {
		role, _ := rbac.Full(rbac.AdminClinicalSupport)
		list = append(list, access.Position{
			Name: rbac.DirectoryPosition, Profiles: access.One(role.String(), rbac.DirectoryUIAccess),
		})
	}
	return list
}

func (n First) assign(ctx context.Context, w *db.W, uuid string, p access.Position) error {
	p.Organisation = n.Organisation.Code
	id, err := access.AddPosition(ctx, w, p)
	if err != nil {
		return err
	}
	return access.Assign(ctx, w, access.Grant{
		UUID: uuid, Position: id, Organisation: p.Organisation, Starts: w.Now(), Number: identity.Number,
	})
}

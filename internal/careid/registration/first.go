package registration

import (
	"context"
	"errors"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/national/authn"
	"signpost/internal/national/ods"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
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
	UUID     string // of their care identity
	BindPath string // of the one-time link by which they bind their authenticator, on the sign-in service
	Again    bool   // they were made before, and got another link
}

var (
	errHasManager = fault.SayCure(fault.Conflict, "The organisation has a registration authority manager already.",
		"They give others what they need. If they cannot log in any more, another manager ends their position first.")
	errNoOrganisation = fault.SayCure(fault.NotFound, "There is no organisation with that code.",
		"Import the organisations first, or give its name with --organisation-name.")
	errCode    = fault.OfField("organisation", "Enter an ODS code of 3 to 12 letters and digits, such as RXK")
	errNoEmail = fault.OfField("email", "Enter their email address: the code that goes with their link is sent there")
)

// FirstManager makes the first registration authority manager of an organisation, with the position and a one-time link
// to bind an authenticator. Asked again about the same person, who has bound none yet, it makes another link, and the
// former ends. An organisation with a manager who could come in gets no other: that one gives positions.
func FirstManager(ctx context.Context, d *db.DB, by actor.Actor, n First) (FirstMade, error) {
	return db.Write(ctx, d, by, func(w *db.W) (FirstMade, error) {
		if err := n.prepare(ctx, w); err != nil {
			return FirstMade{}, err
		}
		uuid, again, err := n.unboundManager(ctx, w)
		if err != nil {
			return FirstMade{}, err
		}
		if !again {
			if uuid, err = n.make(ctx, w); err != nil {
				return FirstMade{}, err
			}
		}
		path, err := authenticator.InvitePart(ctx, w, uuid, n.Kinds...)
		return FirstMade{UUID: uuid, BindPath: path, Again: again}, err
	})
}

// prepare makes sure that the organisation is known, and that the person can be mailed.
func (n First) prepare(ctx context.Context, w *db.W) error {
	if n.Email == "" {
		return errNoEmail
	}
	if _, err := ods.Parse(n.Organisation.Code); err != nil {
		return errCode
	}
	_, err := organisation.ByCode(ctx, w, n.Organisation.Code)
	if !errors.Is(err, fault.NotFound) {
		return err
	}
	if n.Organisation.Name == "" {
		return errNoOrganisation
	}
	return organisation.Add(ctx, w, n.Organisation)
}

// unboundManager gives the organisation's manager if it is this person and they have no authenticator yet. Any other
// manager is refused; none is no error, and again is not set.
func (n First) unboundManager(ctx context.Context, w *db.W) (uuid string, again bool, err error) {
	managers, err := access.Managers(ctx, w, n.Organisation.Code)
	if err != nil || len(managers) == 0 {
		return "", false, err
	}
	address, err := email.Parse(n.Email)
	if err != nil {
		return "", false, err
	}
	key, _ := address.Canonical()
	known, err := identity.ByUUID(ctx, w, managers[0])
	if err != nil {
		return "", false, err
	}
	bound, err := authenticator.OfIdentity(ctx, w, known.UUID)
	if err != nil {
		return "", false, err
	}
	if len(managers) > 1 || known.EmailCanonical != key || len(bound) > 0 {
		return "", false, errHasManager
	}
	return known.UUID, true, nil
}

// make makes the person, and gives them their positions.
func (n First) make(ctx context.Context, w *db.W) (uuid string, err error) {
	made, err := identity.Add(ctx, w, identity.New{
		GivenName: n.GivenName, FamilyName: n.FamilyName, Email: n.Email, Verified: true, AssuranceLevel: 3,
		Organisation: n.Organisation.Code,
	})
	if err != nil {
		return "", err
	}
	manager, _ := rbac.Full(rbac.RegistrationManager)
	positions := []access.Position{{Name: "Registration Authority Manager", RoleCode: manager.String()}}
	if n.Directory {
		role, _ := rbac.Full(rbac.AdminClinicalSupport)
		positions = append(positions, access.Position{
			Name: rbac.DirectoryPosition, RoleCode: role.String(), Activities: []string{rbac.DirectoryUIAccess},
		})
	}
	for _, p := range positions {
		if err := n.assign(ctx, w, made.UUID, p); err != nil {
			return "", err
		}
	}
	return made.UUID, nil
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

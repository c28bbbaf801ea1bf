package registration

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"signpost/internal/careid/access"
	"signpost/internal/careid/hosting"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/ods"
	"signpost/internal/national/postcode"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// maxOrganisationName is the longest name of an organisation that is typed, in characters.
const maxOrganisationName = 200

// What is wrong with an organisation that is to be added.
var (
	errOrganisationCode = fault.OfField("code", "Enter an ODS code of 3 to 12 letters and digits, such as RXK")
	errOrganisationName = fault.OfField("name",
		fmt.Sprintf("Enter the name of the organisation, in %d characters or fewer", maxOrganisationName))
	errOrganisationPostcode = fault.OfField("postcode", "Enter a full postcode, such as LS1 4AP, or nothing")
	errOrganisationThere    = fault.SayOfField("code", fault.Conflict,
		"An organisation with this ODS code is here already")
	errParent = fault.OfField("parent", "Enter the ODS code of an organisation that is known here")
	errDeep   = fault.OfField("parent",
		"Enter an organisation nearer to your own. Too many stand between this one and yours")
)

// Workplace is an organisation that is to be added, below one that the actor's registration authority serves.
type Workplace struct{ Code, Name, Postcode, Parent string }

// AddOrganisation adds an organisation, which the actor's registration authority then serves, and gives its code. The
// organisation has approved the kinds of authenticator that the one above it has. Only a manager may do this.
func AddOrganisation(ctx context.Context, d *db.DB, by actor.Actor, p Workplace) (code string, err error) {
	return db.Write(ctx, d, by, func(w *db.W) (string, error) { return p.add(ctx, w) })
}

func (p Workplace) add(ctx context.Context, w *db.W) (code string, err error) {
	about := organisation.Ref(p.Code)
	if _, err := require(ctx, w, permission.LookAfterOrganisation, about); err != nil {
		return "", err
	}
	added, err := p.checked()
	if err != nil {
		return "", err
	}
	if err := above(ctx, w, added.RAParent); err != nil {
		return "", err
	}
	authority, err := require(ctx, w, permission.LookAfterOrganisation, about, added.RAParent)
	if err != nil {
		return "", err
	}
	if err := addBelow(ctx, w, added); err != nil {
		return "", err
	}
	served, err := hosting.Serves(ctx, w, authority.Organisation, added.Code)
	if err == nil && !served {
		err = errDeep
	}
	return added.Code, err
}

// checked gives the organisation as it is kept, or what is wrong with it at each field.
func (p Workplace) checked() (organisation.Organisation, error) {
	var problems []error
	code, err := ods.Parse(p.Code)
	if err != nil {
		problems = append(problems, errOrganisationCode)
	}
	parent, err := ods.Parse(p.Parent)
	if err != nil {
		problems = append(problems, errParent)
	}
	name := strings.Join(strings.Fields(p.Name), " ")
	if name == "" || utf8.RuneCountInString(name) > maxOrganisationName {
		problems = append(problems, errOrganisationName)
	}
	if _, err := postcode.Parse(p.Postcode); err != nil && strings.TrimSpace(p.Postcode) != "" {
		problems = append(problems, errOrganisationPostcode)
	}
	return organisation.Organisation{Code: string(code), Name: name, Postcode: p.Postcode,
		RAParent: string(parent)}, errors.Join(problems...)
}

// above checks that the organisation above is known.
func above(ctx context.Context, r db.R, code string) error {
	_, err := organisation.ByCode(ctx, r, code)
	if errors.Is(err, fault.NotFound) {
		return errParent
	}
	return err
}

// addBelow adds an organisation with what the one above it has approved.
func addBelow(ctx context.Context, w *db.W, o organisation.Organisation) error {
	_, err := organisation.ByCode(ctx, w, o.Code)
	if err == nil {
		return errOrganisationThere
	}
	if !errors.Is(err, fault.NotFound) {
		return err
	}
	approved, err := organisation.InForce(ctx, w, o.RAParent)
	if err != nil {
		return err
	}
	if err := organisation.Add(ctx, w, o); err != nil || approved.Number == 0 {
		return err
	}
	return organisation.Decide(ctx, w, o.Code, 0, approved.Policy, "as at "+o.RAParent)
}

// What is wrong with an organisation that is to be taken on or handed over.
var (
	errServedElsewhere = fault.SayCure(fault.Forbidden, "Another registration authority serves this organisation.",
		"Ask it to hand the organisation over to yours.")
	errServedHere  = fault.OfField("code", "Your registration authority serves this organisation already")
	errUnknownCode = fault.OfField("code", "No organisation with this ODS code is known here. Add it first")
	errClosedCode  = fault.OfField("code", "This organisation has closed. Take on the one that followed it")
	errOwnPlace    = fault.SayCure(fault.Forbidden, "Your own organisation is what your registration authority is of.",
		"Ask systems support if the registration authority itself is to end.")
	errHostCode    = fault.OfField("host", "Enter an ODS code of 3 to 12 letters and digits, such as RXK")
	errNoAuthority = fault.OfField("host", "This organisation has no registration authority, nor has one above it")
)

// TakeOn has the actor's registration authority serve an organisation that none serves, and gives its code. Only a
// manager may do this.
func TakeOn(ctx context.Context, d *db.DB, by actor.Actor, typed, reason string) (code string, err error) {
	reason, err = access.Reason("reason", reason, "Enter why, and how it was agreed")
	parsed, wrong := ods.Parse(typed)
	if wrong != nil {
		wrong = errOrganisationCode
	}
	if err := errors.Join(wrong, err); err != nil {
		return "", err
	}
	return string(parsed), d.Update(ctx, by, func(w *db.W) error {
		authority, err := require(ctx, w, permission.LookAfterOrganisation, organisation.Ref(string(parsed)))
		if err != nil {
			return err
		}
		if err := free(ctx, w, string(parsed), authority.Organisation); err != nil {
			return err
		}
		return organisation.Host(ctx, w, string(parsed), authority.Organisation, reason)
	})
}

// free checks that no registration authority serves an organisation that is known and open.
func free(ctx context.Context, w *db.W, code, authority string) error {
	o, err := organisation.ByCode(ctx, w, code)
	switch {
	case errors.Is(err, fault.NotFound):
		return errUnknownCode
	case err != nil:
		return err
	case o.Closed():
		return errClosedCode
	}
	now, err := hosting.RegistrationAuthority(ctx, w, code)
	switch {
	case errors.Is(err, fault.NotFound):
		return nil
	case err != nil:
		return err
	case now.Code == authority:
		return errServedHere
	}
	return officer.Refuse(ctx, w, organisation.Ref(code),
		"another registration authority serves the organisation", errServedElsewhere)
}

// HandOver ends that the actor's registration authority serves an organisation. to is the organisation whose
// registration authority serves it from now on; empty if none does. Only a manager may do this.
func HandOver(ctx context.Context, d *db.DB, by actor.Actor, code, to, reason string) error {
	reason, err := access.Reason("reason", reason, "Enter why, and how it was agreed")
	host := ods.Code("")
	if strings.TrimSpace(to) != "" {
		var wrong error
		if host, wrong = ods.Parse(to); wrong != nil {
			err = errors.Join(errHostCode, err)
		}
	}
	if err != nil {
		return err
	}
	return d.Update(ctx, by, func(w *db.W) error {
		about := organisation.Ref(code)
		authority, err := require(ctx, w, permission.LookAfterOrganisation, about, code)
		if err != nil {
			return err
		}
		if code == authority.Organisation {
			return errOwnPlace
		}
		if host != "" {
			_, err = hosting.RegistrationAuthority(ctx, w, string(host))
			if errors.Is(err, fault.NotFound) {
				err = errNoAuthority
			}
			if err != nil {
				return err
			}
		}
		if err := organisation.EndHosting(ctx, w, code, reason); err != nil || host == "" {
			return err
		}
		return organisation.Host(ctx, w, code, string(host), reason)
	})
}

// SetReach says how the actor's own registration authority is reached, and when. Only a manager may do this.
func SetReach(ctx context.Context, d *db.DB, by actor.Actor, r hosting.Reach) error {
	return d.Update(ctx, by, func(w *db.W) error {
		about := organisation.Ref(r.Code)
		authority, err := require(ctx, w, permission.LookAfterOrganisation, about, r.Code)
		if err == nil && authority.Organisation != r.Code {
			err = officer.Refuse(ctx, w, about,
				"the actor is of another registration authority", officer.ErrNotServed)
		}
		if err != nil {
			return err
		}
		return hosting.SetReach(ctx, w, r)
	})
}

package provider

import (
	"context"
	"errors"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/national/authn"
	"signpost/internal/national/rbac"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// person is what is read of a care identity for a sign-in or for claims.
type person struct {
	identity.Identity
	profiles []access.RoleProfile
	orgs     []organisation.Organisation // of the profiles, in their order, each once
}

func readPerson(ctx context.Context, r db.R, uuid string) (p person, err error) {
	if p.Identity, err = identity.ByUUID(ctx, r, uuid); err != nil {
		return p, err
	}
	if p.profiles, err = access.RoleProfiles(ctx, r, uuid, r.Now()); err != nil {
		return p, err
	}
	for _, profile := range p.profiles {
		if p.orgName(profile.OrgCode) != "" {
			continue
		}
		o, err := organisation.ByCode(ctx, r, profile.OrgCode)
		if errors.Is(err, fault.NotFound) {
			o, err = organisation.Organisation{Code: profile.OrgCode, Name: profile.OrgCode}, nil
		}
		if err != nil {
			return p, err
		}
		p.orgs = append(p.orgs, o)
	}
	return p, nil
}

func (p person) orgName(code string) string {
	for _, o := range p.orgs {
		if o.Code == code {
			return o.Name
		}
	}
	return ""
}

// roles are the person's role profiles as they choose among them.
func (p person) roles() []Role {
	var list []Role
	for _, profile := range p.profiles {
		list = append(list, Role{ID: profile.RoleID, Name: rbac.JobName(profile.RoleName), Organisation: p.orgName(profile.OrgCode), OrgCode: profile.OrgCode})
	}
	return list
}

// workplaces are the organisations whose policy holds for the person.
func (p person) workplaces() []string {
	var codes []string
	for _, o := range p.orgs {
		codes = append(codes, o.Code)
	}
	if len(codes) == 0 && p.Organisation != "" {
		codes = []string{p.Organisation}
	}
	return codes
}

// approved reports whether one of the person's workplaces has approved the kind. Where none has said
// anything, all kinds are.
func (p person) approved(ctx context.Context, r db.R, kind authn.Kind) (bool, error) {
	said := false
	for _, code := range p.workplaces() {
		kinds, err := organisation.Approved(ctx, r, code)
		if err != nil {
			return false, err
		}
		if slices.Contains(kinds, kind) {
			return true, nil
		}
		said = said || len(kinds) > 0
	}
	return !said, nil
}

// Package claim is what services are told of people: the scopes and claims there are, whose values they
// are, and which of them a request asks for (reference, CIS2 Authentication §6). It knows no sign-in.
package claim

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

// Person is what is read of a care identity for a sign-in or for claims.
type Person struct {
	identity.Identity
	profiles      []access.RoleProfile
	orgs          []organisation.Organisation // of the profiles, in their order, each once
	registrations map[string]string           // with professional bodies; read only where they are wanted
	approved      []authn.Kind                // at the workplaces; read only for a sign-in
}

// Role is a role profile as its holder chooses it.
type Role struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Organisation string `json:"organisation"`
	OrgCode      string `json:"org_code"`
}

// Read reads a care identity as a sign-in needs it, or fault.NotFound.
func Read(ctx context.Context, r db.R, uuid string) (p Person, err error) {
	if p, err = read(ctx, r, uuid, organisation.ApprovedAhead); err != nil {
		return p, err
	}
	p.approved, err = organisation.ApprovedAt(ctx, r, p.Workplaces())
	return p, err
}

// Ahead says that Read or For will be asked.
func Ahead(r db.R, uuid string) {
	identity.Ahead(r, uuid)
	access.Ahead(r, uuid)
}

// read reads who somebody is and where they work. ahead says what else will be read of their workplaces.
func read(ctx context.Context, r db.R, uuid string, ahead func(r db.R, code string)) (p Person, err error) {
	Ahead(r, uuid)
	if p.Identity, err = identity.ByUUID(ctx, r, uuid); err != nil {
		return p, err
	}
	if p.profiles, err = access.RoleProfiles(ctx, r, uuid, r.Now()); err != nil {
		return p, err
	}
	for _, profile := range p.profiles {
		organisation.Ahead(r, profile.OrgCode)
		ahead(r, profile.OrgCode)
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

func (p Person) orgName(code string) string {
	for _, o := range p.orgs {
		if o.Code == code {
			return o.Name
		}
	}
	return ""
}

// Roles are the person's role profiles as they choose among them.
func (p Person) Roles() []Role {
	var list []Role
	for _, profile := range p.profiles {
		list = append(list, Role{ID: profile.RoleID, Name: rbac.JobName(profile.RoleName), Organisation: p.orgName(profile.OrgCode), OrgCode: profile.OrgCode})
	}
	return list
}

// Workplaces are the codes of the organisations whose policy holds for the person.
func (p Person) Workplaces() []string {
	var codes []string
	for _, o := range p.orgs {
		codes = append(codes, o.Code)
	}
	if len(codes) == 0 && p.Organisation != "" {
		codes = []string{p.Organisation}
	}
	return codes
}

// Approved reports whether one of the person's workplaces has approved the kind. Where none has said
// anything, all kinds are.
func (p Person) Approved(kind authn.Kind) bool { return slices.Contains(p.approved, kind) }

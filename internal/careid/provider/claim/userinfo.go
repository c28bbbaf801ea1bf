package claim

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// all gives every claim of a person. It is pure.
func all(p Person) cis2.UserInfo {
	info := cis2.UserInfo{Subject: p.UUID}
	for _, add := range []func(*cis2.UserInfo, Person){fillProfile, fillEmail, fillPerson, fillOrgs, fillRoles, fillProfessional, fillMemberships} {
		add(&info, p)
	}
	return info
}

// For reads a care identity and gives its claims for the scopes, and the further ones that are named, as
// things stand now. A person who may not sign in any more has none: fault.NotFound.
func For(ctx context.Context, r db.R, uuid string, scopes, named []string) (map[string]json.RawMessage, error) {
	asked := Ask(uuid)
	if err := db.Together(ctx, r, asked.Queries()...); err != nil {
		return nil, fmt.Errorf("read person: %w", err)
	}
	return asked.For(ctx, r, scopes, named)
}

// For gives the claims of the person who was asked for, as the function For does.
func (a Asked) For(ctx context.Context, r db.R, scopes, named []string) (map[string]json.RawMessage, error) {
	p, err := a.person(r.Now())
	if err != nil {
		return nil, err
	}
	if p.Status != identity.Active {
		return nil, fault.NotFound
	}
	if p.orgs, err = organisation.ByCodes(ctx, r, p.orgCodes()); err != nil {
		return nil, err
	}
	wanted := append(cis2.ClaimsOf(scopes), named...)
	if slices.ContainsFunc(cis2.ClaimsOf([]string{cis2.Professional}), func(name string) bool { return slices.Contains(wanted, name) }) {
		if p.registrations, err = identity.Registrations(ctx, r, p.UUID); err != nil {
			return nil, err
		}
	}
	return pick(all(p), append(wanted, "sub"))
}

// pick keeps the named members of a person's claims.
func pick(info cis2.UserInfo, names []string) (map[string]json.RawMessage, error) {
	text, err := json.Marshal(info)
	if err != nil {
		return nil, fmt.Errorf("encode claims: %w", err)
	}
	var list map[string]json.RawMessage
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("encode claims: %w", err)
	}
	maps.DeleteFunc(list, func(name string, _ json.RawMessage) bool { return !slices.Contains(names, name) })
	return list, nil
}

func fillProfile(i *cis2.UserInfo, p Person) {
	i.Name, i.GivenName, i.FamilyName, i.UID = p.DisplayName(), p.GivenName, p.FamilyName, p.UUID
}

// fillEmail adds what CIS2 lacks: whether, when and how the address was proved to be the Person's.
func fillEmail(i *cis2.UserInfo, p Person) {
	if p.Email == "" {
		return
	}
	verified := cis2.Verified(p.EmailVerified.Done())
	i.Email, i.EmailVerified = p.Email, &verified
	if verified {
		i.EmailProvedAt, i.EmailProvedHow = cis2.SecondsOf(p.EmailVerified.At), p.EmailVerified.How
	}
}

func fillPerson(i *cis2.UserInfo, p Person) {
	i.UserUID, i.Title, i.Initials, i.MiddleNames = p.UUID, p.Title, p.Initials(), p.MiddleNames
	i.DisplayName, i.OlderIdentityLevel = p.DisplayName(), cis2.LevelOf(p.AssuranceLevel)
}

func fillOrgs(i *cis2.UserInfo, p Person) {
	for _, o := range p.orgs {
		i.Orgs = append(i.Orgs, cis2.Organisation{Name: o.Name, Code: o.Code})
	}
}

func fillProfessional(i *cis2.UserInfo, p Person) {
	n := p.registrations
	i.GMC, i.NMC, i.GPhC, i.GDC, i.GDP, i.GMP, i.RCN, i.Consultant = n["gmc"], n["nmc"], n["gphc"], n["gdc"], n["gdp"], n["gmp"], n["rcn"], n["consultant"]
}

func fillMemberships(i *cis2.UserInfo, p Person) {
	for _, profile := range p.profiles {
		m := cis2.Membership{PersonOrgID: profile.PersonOrgID, Name: p.orgName(profile.OrgCode), Code: profile.OrgCode, GNC: profile.GNC}
		if !slices.Contains(i.Memberships, m) {
			i.Memberships = append(i.Memberships, m)
			i.OrgRoles = append(i.OrgRoles, cis2.OrgRole{PersonOrgID: m.PersonOrgID, Name: m.Name, Code: m.Code})
		}
	}
}

func fillRoles(i *cis2.UserInfo, p Person) {
	for _, profile := range p.profiles {
		role := cis2.NationalRole{
			PersonOrgID: profile.PersonOrgID, PersonRoleID: profile.RoleID, OrgCode: profile.OrgCode,
			RoleName: profile.RoleName, RoleCode: profile.RoleCode,
			Activities: profile.Activities, ActivityCodes: profile.ActivityCodes,
		}
		role.WorkgroupCodes, role.Workgroups = parted(profile.Workgroups)
		role.AreaCodes, role.AreasOfWork = parted(profile.AreasOfWork)
		i.Roles = append(i.Roles, role)
	}
}

// parted gives codes and names in two lists of one order.
func parted(list []access.Coded) (codes, names []string) {
	for _, c := range list {
		codes, names = append(codes, c.Code), append(names, c.Name)
	}
	return codes, names
}

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

// all returns every claim of a person. It is pure.
func all(p Person) cis2.UserInfo {
	info := cis2.UserInfo{Subject: p.UUID}
	fillProfile(&info, p)
	fillEmail(&info, p)
	fillPerson(&info, p)
	fillOrgs(&info, p)
	fillRoles(&info, p)
	fillProfessional(&info, p)
	fillMemberships(&info, p)
	return info
}

// For reads a care identity and returns its current claims for the scopes, and the extra ones by name. For a
// person who may no longer sign in it returns fault.NotFound.
func For(ctx context.Context, r db.R, uuid string, scopes, extra []string) (map[string]json.RawMessage, error) {
	lookup := Ask(uuid)
	if err := db.Together(ctx, r, lookup.Queries()...); err != nil {
		return nil, fmt.Errorf("read person: %w", err)
	}
	return lookup.For(ctx, r, scopes, extra)
}

// For returns the claims of the person whose queries were sent, as the function For does.
func (a PersonQueries) For(ctx context.Context, r db.R, scopes, extra []string) (map[string]json.RawMessage, error) {
	p, err := a.person(r.Now())
	if err != nil {
		return nil, err
	}
	if p.Status != identity.Active {
		return nil, fault.NotFound
	}
	if p.organisations, err = organisation.ByCodes(ctx, r, access.Workplaces(p.profiles, "")); err != nil {
		return nil, err
	}
	wanted := append(cis2.ClaimsOf(scopes), extra...)
	professional := cis2.ClaimsOf([]string{cis2.Professional})
	if slices.ContainsFunc(wanted, func(name string) bool { return slices.Contains(professional, name) }) {
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
	i.Name = p.DisplayName()
	i.GivenName = p.GivenName
	i.FamilyName = p.FamilyName
	i.UID = p.UUID
}

// fillEmail adds the address, and what CIS2 lacks: whether, when and how the person confirmed it.
func fillEmail(i *cis2.UserInfo, p Person) {
	if p.Email == "" {
		return
	}
	verified := cis2.Verified(p.EmailVerified.Done())
	i.Email = p.Email
	i.EmailVerified = &verified
	if p.EmailUsableFrom().After(p.Created) {
		i.EmailUsableAt = cis2.SecondsOf(p.EmailUsableFrom())
	}
	if verified {
		i.EmailProvedAt = cis2.SecondsOf(p.EmailVerified.At)
		i.EmailProvedHow = p.EmailVerified.How
	}
}

func fillPerson(i *cis2.UserInfo, p Person) {
	i.UserUID = p.UUID
	i.Title = p.Title
	i.Initials = p.Initials()
	i.MiddleNames = p.MiddleNames
	i.DisplayName = p.DisplayName()
	i.OlderIdentityLevel = cis2.LevelOf(p.AssuranceLevel)
}

func fillOrgs(i *cis2.UserInfo, p Person) {
	for _, o := range p.organisations {
		i.Orgs = append(i.Orgs, cis2.Organisation{Name: o.Name, Code: o.Code})
	}
}

func fillProfessional(i *cis2.UserInfo, p Person) {
	n := p.registrations
	i.GMC = n["gmc"]
	i.NMC = n["nmc"]
	i.GPhC = n["gphc"]
	i.GDC = n["gdc"]
	i.GDP = n["gdp"]
	i.GMP = n["gmp"]
	i.RCN = n["rcn"]
	i.Consultant = n["consultant"]
}

func fillMemberships(i *cis2.UserInfo, p Person) {
	for _, profile := range p.profiles {
		m := cis2.Membership{
			PersonOrgID: profile.PersonOrgID, Name: p.orgName(profile.OrgCode), Code: profile.OrgCode, GNC: profile.GNC,
		}
		if !slices.Contains(i.Memberships, m) {
			i.Memberships = append(i.Memberships, m)
			i.OrgRoles = append(i.OrgRoles, cis2.OrgRole{PersonOrgID: m.PersonOrgID, Name: m.Name, Code: m.Code})
		}
	}
}

func fillRoles(i *cis2.UserInfo, p Person) {
	for _, profile := range p.profiles {
		i.Roles = append(i.Roles, NationalRole(profile))
	}
}

// NationalRole is what services are told of a role profile.
func NationalRole(profile access.RoleProfile) cis2.NationalRole {
	role := cis2.NationalRole{
		PersonOrgID: profile.PersonOrgID, PersonRoleID: profile.RoleID, OrgCode: profile.OrgCode,
		RoleName: profile.RoleName, RoleCode: profile.RoleCode,
		Activities: profile.Activities, ActivityCodes: profile.ActivityCodes,
	}
	role.WorkgroupCodes, role.Workgroups = codesAndNames(profile.Workgroups)
	role.AreaCodes, role.AreasOfWork = codesAndNames(profile.AreasOfWork)
	return role
}

// codesAndNames returns codes and names in two lists of the same order.
func codesAndNames(list []access.Coded) (codes, names []string) {
	for _, c := range list {
		codes = append(codes, c.Code)
		names = append(names, c.Name)
	}
	return codes, names
}

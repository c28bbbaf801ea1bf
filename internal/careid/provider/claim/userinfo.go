package claim

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"signpost/internal/careid/access"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// userInfo is what the userinfo endpoint gives, by scope (reference §6). Optional members are left out
// when they are empty.
type userInfo struct {
	Subject string `json:"sub"`

	Name       string `json:"name,omitempty"`
	GivenName  string `json:"given_name,omitempty"`
	FamilyName string `json:"family_name,omitempty"`
	UID        string `json:"uid,omitempty"`

	Email          string `json:"email,omitempty"`
	EmailVerified  *bool  `json:"email_verified,omitempty"`
	EmailProvedAt  int64  `json:"email_verified_at,omitempty"`
	EmailProvedHow string `json:"email_verified_method,omitempty"`

	UserUID       string `json:"nhsid_useruid,omitempty"`
	Title         string `json:"title,omitempty"`
	Initials      string `json:"initials,omitempty"`
	MiddleNames   string `json:"middle_names,omitempty"`
	DisplayName   string `json:"display_name,omitempty"`
	IdentityLevel string `json:"idassurancelevel,omitempty"`

	GMC        string `json:"gmc_id,omitempty"`
	NMC        string `json:"nmc_id,omitempty"`
	GPhC       string `json:"gphc_id,omitempty"`
	GDC        string `json:"gdc_id,omitempty"`
	GDP        string `json:"gdp_id,omitempty"`
	GMP        string `json:"gmp_id,omitempty"`
	RCN        string `json:"rcn_id,omitempty"`
	Consultant string `json:"consultant_id,omitempty"`

	Orgs        []userOrg      `json:"nhsid_user_orgs,omitempty"`
	Memberships []membership   `json:"nhsid_org_memberships,omitempty"`
	OrgRoles    []orgRole      `json:"nhsid_org_roles,omitempty"`
	Roles       []nationalRole `json:"nhsid_nrbac_roles,omitempty"`
}

type userOrg struct {
	Name string `json:"org_name"`
	Code string `json:"org_code"`
}

type membership struct {
	PersonOrgID string `json:"person_orgid"`
	Name        string `json:"org_name"`
	Code        string `json:"org_code"`
	GNC         string `json:"gnc,omitempty"`
}

type orgRole struct {
	PersonOrgID string `json:"person_orgid"`
	Name        string `json:"org_name"`
	Code        string `json:"org_code"`
}

type nationalRole struct {
	PersonOrgID    string   `json:"person_orgid"`
	PersonRoleID   string   `json:"person_roleid"`
	OrgCode        string   `json:"org_code"`
	RoleName       string   `json:"role_name"`
	RoleCode       string   `json:"role_code"`
	Activities     []string `json:"activities,omitempty"`
	ActivityCodes  []string `json:"activity_codes,omitempty"`
	Workgroups     []string `json:"workgroups,omitempty"`
	WorkgroupCodes []string `json:"workgroups_codes,omitempty"`
	AreasOfWork    []string `json:"aow,omitempty"`
	AreaCodes      []string `json:"aow_codes,omitempty"`
}

// all gives every claim of a person. It is pure.
func all(p Person) userInfo {
	info := userInfo{Subject: p.UUID}
	for _, add := range []func(*userInfo, Person){fillProfile, fillEmail, fillPerson, fillOrgs, fillRoles, fillProfessional, fillMemberships} {
		add(&info, p)
	}
	return info
}

// For reads a care identity and gives its claims for the scopes, and the further ones that are named, as
// things stand now. A person who may not sign in any more has none: fault.NotFound.
func For(ctx context.Context, r db.R, uuid string, scopes, named []string) (map[string]json.RawMessage, error) {
	p, err := read(ctx, r, uuid, func(db.R, string) {})
	if err != nil {
		return nil, err
	}
	if p.Status != identity.Active {
		return nil, fault.NotFound
	}
	wanted := append(OfScopes(scopes), named...)
	if slices.ContainsFunc(members[Professional], func(name string) bool { return slices.Contains(wanted, name) }) {
		if p.registrations, err = identity.Registrations(ctx, r, uuid); err != nil {
			return nil, err
		}
	}
	return pick(all(p), append(wanted, "sub"))
}

// pick keeps the named members of a person's claims.
func pick(info userInfo, names []string) (map[string]json.RawMessage, error) {
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

func fillProfile(i *userInfo, p Person) {
	i.Name, i.GivenName, i.FamilyName, i.UID = p.DisplayName(), p.GivenName, p.FamilyName, p.UUID
}

// fillEmail adds what CIS2 lacks: whether, when and how the address was proved to be the Person's.
func fillEmail(i *userInfo, p Person) {
	if p.Email == "" {
		return
	}
	verified := p.EmailVerified.Done()
	i.Email, i.EmailVerified = p.Email, &verified
	if verified {
		i.EmailProvedAt, i.EmailProvedHow = p.EmailVerified.At.Unix(), p.EmailVerified.How
	}
}

func fillPerson(i *userInfo, p Person) {
	i.UserUID, i.Title, i.Initials, i.MiddleNames = p.UUID, p.Title, p.Initials(), p.MiddleNames
	i.DisplayName, i.IdentityLevel = p.DisplayName(), strconv.Itoa(p.AssuranceLevel)
}

func fillOrgs(i *userInfo, p Person) {
	for _, o := range p.orgs {
		i.Orgs = append(i.Orgs, userOrg{Name: o.Name, Code: o.Code})
	}
}

func fillProfessional(i *userInfo, p Person) {
	n := p.registrations
	i.GMC, i.NMC, i.GPhC, i.GDC, i.GDP, i.GMP, i.RCN, i.Consultant = n["gmc"], n["nmc"], n["gphc"], n["gdc"], n["gdp"], n["gmp"], n["rcn"], n["consultant"]
}

func fillMemberships(i *userInfo, p Person) {
	for _, profile := range p.profiles {
		m := membership{PersonOrgID: profile.PersonOrgID, Name: p.orgName(profile.OrgCode), Code: profile.OrgCode, GNC: profile.GNC}
		if !slices.Contains(i.Memberships, m) {
			i.Memberships = append(i.Memberships, m)
			i.OrgRoles = append(i.OrgRoles, orgRole{PersonOrgID: m.PersonOrgID, Name: m.Name, Code: m.Code})
		}
	}
}

func fillRoles(i *userInfo, p Person) {
	for _, profile := range p.profiles {
		role := nationalRole{
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

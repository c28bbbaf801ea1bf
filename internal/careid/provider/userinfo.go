package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

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

	Orgs        []userOrg      `json:"nhsid_user_orgs,omitempty"`
	Memberships []membership   `json:"nhsid_org_memberships,omitempty"`
	OrgRoles    []membership   `json:"nhsid_org_roles,omitempty"`
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
}

type nationalRole struct {
	PersonOrgID   string   `json:"person_orgid"`
	PersonRoleID  string   `json:"person_roleid"`
	OrgCode       string   `json:"org_code"`
	RoleName      string   `json:"role_name"`
	RoleCode      string   `json:"role_code"`
	Activities    []string `json:"activities,omitempty"`
	ActivityCodes []string `json:"activity_codes,omitempty"`
}

// errToken is an access token that will not do (RFC 6750 §3.1).
var errToken = invalid("invalid_token", "The access token is invalid, expired or revoked.")

const selectToken = `SELECT granted, ends_at, revoked_at FROM provider_token WHERE digest = $1`

// userInfo reads what a live access token entitles to, as things stand now.
func (p *Provider) userInfo(ctx context.Context, access string) (info userInfo, err error) {
	err = p.o.DB.View(ctx, func(r db.R) error {
		g, err := liveToken(ctx, r, access)
		if err != nil {
			return err
		}
		whose, err := readPerson(ctx, r, g.Proven.UUID)
		if errors.Is(err, fault.NotFound) || err == nil && whose.Status != identity.Active {
			return errToken
		}
		info = infoOf(whose, g.Request.Scopes)
		return err
	})
	return info, err
}

func liveToken(ctx context.Context, r db.R, access string) (g granted, err error) {
	var text string
	var ends, revoked time.Time
	_, err = db.One(ctx, r, func(scan db.Scanner) (bool, error) {
		return true, scan(&text, db.At(&ends), db.At(&revoked))
	}, selectToken, digest(access))
	if errors.Is(err, fault.NotFound) || err == nil && (!revoked.IsZero() || !r.Now().Before(ends)) {
		return g, errToken
	}
	if err != nil {
		return g, fmt.Errorf("read token: %w", err)
	}
	return g, json.Unmarshal([]byte(text), &g)
}

// infoOf gives a person's claims for the scopes. It is pure.
func infoOf(p person, scopes []string) userInfo {
	info := userInfo{Subject: p.UUID}
	for scope, fill := range map[string]func(*userInfo, person){
		scopeProfile: fillProfile, scopeEmail: fillEmail, scopePerson: fillPerson,
		scopeOrgs: fillOrgs, scopeRoles: fillRoles, scopeMemberships: fillMemberships,
	} {
		if slices.Contains(scopes, scope) {
			fill(&info, p)
		}
	}
	return info
}

func fillProfile(i *userInfo, p person) {
	i.Name, i.GivenName, i.FamilyName, i.UID = p.DisplayName(), p.GivenName, p.FamilyName, p.UUID
}

// fillEmail adds what CIS2 lacks: whether, when and how the address was proved to be the person's.
func fillEmail(i *userInfo, p person) {
	if p.Email == "" {
		return
	}
	verified := p.EmailVerified.Done()
	i.Email, i.EmailVerified = p.Email, &verified
	if verified {
		i.EmailProvedAt, i.EmailProvedHow = unix(p.EmailVerified.At), p.EmailVerified.How
	}
}

func fillPerson(i *userInfo, p person) {
	i.UserUID, i.Title, i.Initials, i.MiddleNames = p.UUID, p.Title, p.Initials(), p.MiddleNames
	i.DisplayName, i.IdentityLevel = p.DisplayName(), strconv.Itoa(p.AssuranceLevel)
}

func fillOrgs(i *userInfo, p person) {
	for _, o := range p.orgs {
		i.Orgs = append(i.Orgs, userOrg{Name: o.Name, Code: o.Code})
	}
}

func fillMemberships(i *userInfo, p person) {
	for _, profile := range p.profiles {
		m := membership{PersonOrgID: profile.PersonOrgID, Name: p.orgName(profile.OrgCode), Code: profile.OrgCode}
		if !slices.Contains(i.Memberships, m) {
			i.Memberships = append(i.Memberships, m)
			i.OrgRoles = append(i.OrgRoles, m)
		}
	}
}

func fillRoles(i *userInfo, p person) {
	for _, profile := range p.profiles {
		i.Roles = append(i.Roles, nationalRole{
			PersonOrgID: profile.PersonOrgID, PersonRoleID: profile.RoleID, OrgCode: profile.OrgCode,
			RoleName: profile.RoleName, RoleCode: profile.RoleCode,
			Activities: profile.Activities, ActivityCodes: profile.ActivityCodes,
		})
	}
}

// bearer gives the access token of an Authorization header, or empty.
func bearer(header string) string {
	scheme, token, found := strings.Cut(header, " ")
	if !found || !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

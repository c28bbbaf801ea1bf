package request

import (
	"slices"
	"time"

	"signpost/internal/dos/signin"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/email"
)

// Claims are what CIS2 said of whoever logged in for a request, as it said it.
type Claims struct {
	Issuer        string         `json:"issuer"`
	Subject       string         `json:"subject"`
	Name          string         `json:"name"`
	GivenName     string         `json:"given_name,omitempty"`
	FamilyName    string         `json:"family_name,omitempty"`
	Email         string         `json:"email,omitempty"`
	EmailVerified bool           `json:"email_verified,omitempty"`
	ACR           string         `json:"acr,omitempty"`
	AMR           []string       `json:"amr,omitempty"`
	Level         int            `json:"authentication_level"`
	IdentityLevel int            `json:"identity_level"`
	AuthTime      time.Time      `json:"auth_time"`
	Roles         []Role         `json:"roles,omitempty"`
	Organisations []Organisation `json:"organisations,omitempty"`
	Several       bool           `json:"several,omitempty"` // several Care Identities had the request's address then
}

// Role is a role profile that CIS2 named.
type Role struct {
	Organisation string   `json:"organisation"` // ODS code
	Code         string   `json:"code"`
	Name         string   `json:"name"`
	Activities   []string `json:"activities,omitempty"` // codes
}

// Organisation is an organisation that CIS2 named.
type Organisation struct {
	Code string `json:"code"`
	Name string `json:"name,omitempty"`
}

func claimsOf(p cis2.Person) Claims {
	c := Claims{
		Issuer: p.Issuer, Subject: p.Subject, Name: p.Name, GivenName: p.GivenName, FamilyName: p.FamilyName,
		Email: p.Email, EmailVerified: p.EmailVerified, ACR: p.ACR, AMR: p.AMR,
		Level: p.AuthenticationLevel.Number(), IdentityLevel: p.IdentityLevel, AuthTime: p.AuthTime,
	}
	for _, r := range p.Roles {
		c.Roles = append(c.Roles, Role{Organisation: r.OrgCode, Code: r.RoleCode, Name: r.RoleName,
			Activities: r.ActivityCodes})
	}
	for _, o := range p.Organisations {
		c.Organisations = append(c.Organisations, Organisation{Code: o.Code, Name: o.Name})
	}
	return c
}

// Given reports whether there is a Care Identity.
func (c Claims) Given() bool { return c.Subject != "" }

// Person gives back the person whose claims they are.
func (c Claims) Person() cis2.Person {
	p := cis2.Person{
		Issuer: c.Issuer, Subject: c.Subject, Name: c.Name, GivenName: c.GivenName, FamilyName: c.FamilyName,
		Email: c.Email, EmailVerified: c.EmailVerified, ACR: c.ACR, AMR: c.AMR, IdentityLevel: c.IdentityLevel,
		AuthTime: c.AuthTime,
	}
	for _, r := range c.Roles {
		p.Roles = append(p.Roles, cis2.NationalRole{OrgCode: r.Organisation, RoleCode: r.Code, RoleName: r.Name,
			ActivityCodes: r.Activities})
	}
	return p
}

// HoldsPosition reports whether one of the roles opens the directory.
func (c Claims) HoldsPosition() bool { return signin.HoldsPosition(c.Person().Roles) }

// WorksAt reports whether CIS2 named an organisation, by its ODS code.
func (c Claims) WorksAt(code string) bool { return slices.Contains(c.Codes(), code) }

// Codes lists the ODS codes of all organisations that CIS2 named, each once.
func (c Claims) Codes() (codes []string) {
	for _, o := range c.Organisations {
		codes = append(codes, o.Code)
	}
	for _, r := range c.Roles {
		codes = append(codes, r.Organisation)
	}
	slices.Sort(codes)
	return slices.DeleteFunc(slices.Compact(codes), func(code string) bool { return code == "" })
}

// SameAddress reports whether two addresses are one.
func SameAddress(a, b string) bool {
	first, err := email.Parse(a)
	if err != nil {
		return false
	}
	second, err := email.Parse(b)
	if err != nil {
		return false
	}
	key, _ := first.Canonical()
	other, _ := second.Canonical()
	return key == other
}

package relying

import (
	"strings"
	"time"
)

// Person is somebody who has just signed in, as the provider vouches for them. Only Issuer and Subject
// together say who it is.
type Person struct {
	Issuer, Subject     string
	SID                 string // the provider's session, for logout
	AuthTime            time.Time
	ACR                 string
	AMR                 []string
	AuthenticationLevel int
	IdentityLevel       int

	Name, GivenName, FamilyName string
	Email                       string
	EmailProof                  *EmailProof // nil unless the provider says it has proved the address

	SelectedRoleID string // may be empty, or name none of Roles
	Roles          []Role

	IDToken string // as received, for LogoutURL
}

// EmailProof is the provider's word that the address is the person's.
type EmailProof struct {
	At     time.Time // zero if it does not say
	Method string    // empty if it does not say
}

// Role is one of a person's national role profiles.
type Role struct {
	OrgCode, OrgName    string // OrgName is empty if the provider does not give it
	RoleID, PersonOrgID string
	RoleCode, RoleName  string // as "S8000:G8000:R8001", and three quoted names joined by colons
	Activities          []string
	ActivityCodes       []string
	Workgroups          []string
	WorkgroupCodes      []string
	AreasOfWork         []string
	AreaOfWorkCodes     []string
}

// JobRole is the last part of the role's name, which says what somebody does.
func (r Role) JobRole() string {
	return strings.Trim(r.RoleName[strings.LastIndex(r.RoleName, ":")+1:], `"`)
}

// SelectedRole is the role the person chose to act in, if they have it.
func (p Person) SelectedRole() (Role, bool) {
	for _, r := range p.Roles {
		if p.SelectedRoleID != "" && r.RoleID == p.SelectedRoleID {
			return r, true
		}
	}
	return Role{}, false
}

func (c *Client) person(claims idClaims, info userInfo, identity level, token string) Person {
	return Person{
		Issuer: c.config.Issuer, Subject: claims.Subject, SID: claims.SessionID,
		AuthTime: claims.authTime(), ACR: claims.ACR, AMR: claims.AMR,
		AuthenticationLevel: claims.AuthenticationLevel.value, IdentityLevel: identity.value,
		Name: info.name(), GivenName: info.GivenName, FamilyName: info.FamilyName,
		Email: info.Email, EmailProof: info.emailProof(),
		SelectedRoleID: claims.SelectedRoleID, Roles: info.roles(), IDToken: token,
	}
}

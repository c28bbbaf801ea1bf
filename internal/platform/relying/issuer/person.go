package issuer

import (
	"time"

	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
)

// Person is somebody who signs in.
type Person struct {
	Subject, SID                       string
	Name, GivenName, FamilyName, Email string
	EmailVerified                      any       // as Roles and Orgs, left out if nil
	AuthenticationLevel, IdentityLevel any       // "3" as CIS2 writes it, or 3
	AuthTime                           time.Time // now if zero
	AMR                                []string
	SelectedRoleID                     string
	Roles, Orgs                        any
	More                               map[string]any // further members of the userinfo answer
}

// Ada gives a person who meets every requirement: she may use the Directory of Services.
func Ada() Person {
	return Person{
		Subject: "500000000017", SID: "session-of-ada", Name: "Ada Example", GivenName: "Ada", FamilyName: "Example",
		Email: "ada@example.nhs.uk", EmailVerified: true, AuthenticationLevel: "3", IdentityLevel: "3",
		AMR: []string{authn.AMRFIDO2}, SelectedRoleID: "500000000033",
		Orgs: []cis2.Organisation{{Code: "Z99Z9", Name: "EXAMPLE SURGERY"}},
		Roles: []cis2.NationalRole{{
			PersonOrgID: "500000000025", PersonRoleID: "500000000033", OrgCode: "Z99Z9",
			RoleName: `"Admin and Clerical":"Admin and Clerical":"Admin/Clinical Support Access Role"`,
			RoleCode: "S8002:G8003:R8008", Activities: []string{"Access Directory of Services"},
			ActivityCodes: []string{"B0166"},
		}},
	}
}

func (p Person) userInfo() map[string]any {
	info := map[string]any{
		"sub": p.Subject, "uid": p.Subject, cis2.UserUIDClaim: p.Subject, "name": p.Name, "given_name": p.GivenName,
		"family_name": p.FamilyName, "email": p.Email, cis2.OlderIdentityLevelClaim: p.IdentityLevel,
	}
	for name, value := range map[string]any{
		"email_verified": p.EmailVerified, cis2.RolesClaim: p.Roles, cis2.OrgsClaim: p.Orgs,
	} {
		if value != nil {
			info[name] = value
		}
	}
	for name, value := range p.More {
		info[name] = value
	}
	return info
}

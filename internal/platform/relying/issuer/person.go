package issuer

import "time"

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

// Ada is somebody whom nothing is wrong with: she may use the Directory of Services.
func Ada() Person {
	return Person{
		Subject: "500000000017", SID: "session-of-ada", Name: "Ada Example", GivenName: "Ada", FamilyName: "Example",
		Email: "ada@example.nhs.uk", EmailVerified: true, AuthenticationLevel: "3", IdentityLevel: "3",
		AMR: []string{"FIDO2"}, SelectedRoleID: "500000000033",
		Orgs: []map[string]any{{"org_code": "Z99Z9", "org_name": "EXAMPLE SURGERY"}},
		Roles: []map[string]any{{
			"person_orgid": "500000000025", "person_roleid": "500000000033", "org_code": "Z99Z9",
			"role_name": `"Admin and Clerical":"Admin and Clerical":"Admin/Clinical Support Access Role"`,
			"role_code": "S8002:G8003:R8008", "activities": []string{"Access Directory of Services"}, "activity_codes": []string{"B0166"},
		}},
	}
}

func (p Person) userInfo() map[string]any {
	info := map[string]any{
		"sub": p.Subject, "uid": p.Subject, "nhsid_useruid": p.Subject, "name": p.Name, "given_name": p.GivenName,
		"family_name": p.FamilyName, "email": p.Email, "idassurancelevel": p.IdentityLevel,
	}
	for name, value := range map[string]any{"email_verified": p.EmailVerified, "nhsid_nrbac_roles": p.Roles, "nhsid_user_orgs": p.Orgs} {
		if value != nil {
			info[name] = value
		}
	}
	for name, value := range p.More {
		info[name] = value
	}
	return info
}

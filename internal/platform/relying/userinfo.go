package relying

import (
	"bytes"
	"errors"
	"strconv"
	"strings"
	"time"

	strict "github.com/go-jose/go-jose/v4/json"
)

// userInfo is the userinfo answer, as CIS2 writes it.
type userInfo struct {
	Subject       string             `json:"sub"`
	Name          string             `json:"name"`
	DisplayName   string             `json:"display_name"`
	GivenName     string             `json:"given_name"`
	FamilyName    string             `json:"family_name"`
	Email         string             `json:"email"`
	EmailVerified strict.RawMessage  `json:"email_verified"`
	EmailProvedAt *float64           `json:"email_verified_at"`
	EmailMethod   string             `json:"email_verified_method"`
	IdentityLevel level              `json:"idassurancelevel"`
	Roles         many[nationalRole] `json:"nhsid_nrbac_roles"`
	Orgs          many[namedOrg]     `json:"nhsid_user_orgs"`
	Memberships   many[namedOrg]     `json:"nhsid_org_memberships"`
}

type namedOrg struct {
	Code string `json:"org_code"`
	Name string `json:"org_name"`
}

type nationalRole struct {
	PersonOrgID    string       `json:"person_orgid"`
	PersonRoleID   string       `json:"person_roleid"`
	OrgCode        string       `json:"org_code"`
	RoleCode       string       `json:"role_code"`
	RoleName       string       `json:"role_name"`
	Activities     many[string] `json:"activities"`
	ActivityCodes  many[string] `json:"activity_codes"`
	Workgroups     many[string] `json:"workgroups"`
	WorkgroupCodes many[string] `json:"workgroups_codes"`
	Areas          many[string] `json:"aow"`
	AreaCodes      many[string] `json:"aow_codes"`
}

func (u userInfo) name() string {
	for _, name := range []string{u.Name, u.DisplayName, strings.TrimSpace(u.GivenName + " " + u.FamilyName)} {
		if name != "" {
			return name
		}
	}
	return ""
}

// emailProof takes nothing but the JSON value true: not the text "true", not 1.
func (u userInfo) emailProof() *EmailProof {
	if u.Email == "" || string(bytes.TrimSpace(u.EmailVerified)) != "true" {
		return nil
	}
	proof := &EmailProof{Method: u.EmailMethod}
	if u.EmailProvedAt != nil {
		proof.At = time.Unix(int64(max(0, min(*u.EmailProvedAt, 1<<40))), 0).UTC()
	}
	return proof
}

// roles names each role's organisation from the two lists of organisations.
func (u userInfo) roles() []Role {
	names := map[string]string{}
	for _, org := range append(append(many[namedOrg]{}, u.Memberships...), u.Orgs...) {
		names[org.Code] = org.Name
	}
	var roles []Role
	for _, r := range u.Roles {
		roles = append(roles, Role{
			OrgCode: r.OrgCode, OrgName: names[r.OrgCode],
			RoleID: r.PersonRoleID, PersonOrgID: r.PersonOrgID, RoleCode: r.RoleCode, RoleName: r.RoleName,
			Activities: r.Activities, ActivityCodes: r.ActivityCodes,
			Workgroups: r.Workgroups, WorkgroupCodes: r.WorkgroupCodes,
			AreasOfWork: r.Areas, AreaOfWorkCodes: r.AreaCodes,
		})
	}
	return roles
}

// many is a list that may be written as its only member without the brackets.
type many[T any] []T

// UnmarshalJSON reads either form.
func (m *many[T]) UnmarshalJSON(text []byte) error {
	text = bytes.TrimSpace(text)
	if bytes.HasPrefix(text, []byte("[")) {
		return strict.Unmarshal(text, (*[]T)(m))
	}
	if bytes.Equal(text, []byte("null")) {
		*m = nil
		return nil
	}
	var one T
	if err := strict.Unmarshal(text, &one); err != nil {
		return err
	}
	*m = many[T]{one}
	return nil
}

// level is an assurance level, written as a number or, as CIS2 does, as text.
type level struct {
	value int
	given bool
}

// UnmarshalJSON reads either form; empty text is a level not given.
func (l *level) UnmarshalJSON(text []byte) error {
	plain := strings.Trim(string(text), `"`)
	if plain == "" || plain == "null" {
		*l = level{}
		return nil
	}
	n, err := strconv.Atoi(plain)
	if err != nil || n < 0 || n > 3 {
		return errors.New("an assurance level is a number from 0 to 3")
	}
	*l = level{value: n, given: true}
	return nil
}

// String is the level, or "none".
func (l level) String() string {
	if !l.given {
		return "none"
	}
	return strconv.Itoa(l.value)
}

func firstGiven(levels ...level) level {
	for _, l := range levels {
		if l.given {
			return l
		}
	}
	return level{}
}

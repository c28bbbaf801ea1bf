package cis2

// The scopes.
const (
	OpenID       = "openid"
	Profile      = "profile"
	Email        = "email"
	NHSPerson    = "nhsperson"
	Orgs         = "associatedorgs"
	Roles        = "nationalrbacaccess"
	Professional = "professionalmemberships"
	Memberships  = "organisationalmemberships"
	SelectedRole = "selectedrole" // the person chooses a role, if they have several
	ChangedRole  = "changedrole"  // the person chooses again
)

// Scopes lists all scopes, as discovery does.
var Scopes = []string{
	OpenID, Profile, Email, NHSPerson, Orgs, Roles, Professional, Memberships, SelectedRole, ChangedRole,
}

// members names the claims that each scope gives, in the userinfo response.
var members = map[string][]string{
	Profile:      {"name", "given_name", "family_name", "uid"},
	Email:        EmailClaims,
	NHSPerson:    {UserUIDClaim, "title", "initials", "middle_names", "display_name", OlderIdentityLevelClaim},
	Orgs:         {OrgsClaim},
	Roles:        {RolesClaim},
	Professional: {"gmc_id", "nmc_id", "gphc_id", "gdc_id", "gdp_id", "gmp_id", "rcn_id", "consultant_id"},
	Memberships:  {MembershipsClaim, OrgRolesClaim},
}

// ClaimsOf names the claims that scopes give, besides sub.
func ClaimsOf(scopes []string) []string {
	var names []string
	for _, scope := range scopes {
		names = append(names, members[scope]...)
	}
	return names
}

// ofIDToken lists the claims of the ID token itself that discovery names. The others belong to ForgeRock.
var ofIDToken = []string{
	"iss", "aud", "azp", "sub", "subname", "sid", "iat", "exp", "auth_time", "nonce", "acr", "amr",
	AuthenticationLevelClaim, IdentityLevelClaim, OlderIdentityLevelClaim, SelectedRoleClaim, "at_hash", "c_hash",
	"s_hash",
}

// Claims lists all claims, as discovery does.
func Claims() []string {
	names := append([]string{}, ofIDToken...)
	for _, name := range ClaimsOf(Scopes) {
		if name != OlderIdentityLevelClaim {
			names = append(names, name)
		}
	}
	return names
}

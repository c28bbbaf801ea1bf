package claim

// The scopes there are (reference §6).
const (
	OpenID       = "openid"
	Profile      = "profile"
	Email        = "email"
	NHSPerson    = "nhsperson"
	Orgs         = "associatedorgs"
	Roles        = "nationalrbacaccess"
	Professional = "professionalmemberships"
	Memberships  = "organisationalmemberships"
	SelectedRole = "selectedrole"
	ChangedRole  = "changedrole"
)

// Scopes lists all scopes, as discovery does.
var Scopes = []string{OpenID, Profile, Email, NHSPerson, Orgs, Roles, Professional, Memberships, SelectedRole, ChangedRole}

// members names the claims that each scope gives, in the userinfo response.
var members = map[string][]string{
	Profile:      {"name", "given_name", "family_name", "uid"},
	Email:        {"email", "email_verified", "email_verified_at", "email_verified_method"},
	NHSPerson:    {"nhsid_useruid", "title", "initials", "middle_names", "display_name", "idassurancelevel"},
	Orgs:         {"nhsid_user_orgs"},
	Roles:        {"nhsid_nrbac_roles"},
	Professional: {"gmc_id", "nmc_id", "gphc_id", "gdc_id", "gdp_id", "gmp_id", "rcn_id", "consultant_id"},
	Memberships:  {"nhsid_org_memberships", "nhsid_org_roles"},
}

// OfScopes names the claims that scopes give, besides sub.
func OfScopes(scopes []string) []string {
	var names []string
	for _, scope := range scopes {
		names = append(names, members[scope]...)
	}
	return names
}

// ofIDToken are the ID token's own claims that discovery names; the rest of them is ForgeRock's.
var ofIDToken = []string{
	"iss", "aud", "azp", "sub", "subname", "sid", "iat", "exp", "auth_time", "nonce", "acr", "amr", "authentication_assurance_level", "id_assurance_level",
	"idassurancelevel", "selected_roleid", "at_hash", "c_hash", "s_hash",
}

// Names lists all claims, as discovery does.
func Names() []string {
	names := append([]string{}, ofIDToken...)
	for _, name := range OfScopes(Scopes) {
		if name != "idassurancelevel" {
			names = append(names, name)
		}
	}
	return names
}

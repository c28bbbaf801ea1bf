package provider

// The scopes there are (reference §6).
const (
	scopeOpenID       = "openid"
	scopeProfile      = "profile"
	scopeEmail        = "email"
	scopePerson       = "nhsperson"
	scopeOrgs         = "associatedorgs"
	scopeRoles        = "nationalrbacaccess"
	scopeProfessional = "professionalmemberships"
	scopeMemberships  = "organisationalmemberships"
	scopeSelectedRole = "selectedrole"
	scopeChangedRole  = "changedrole"
)

// Scopes lists all scopes, as discovery does.
var Scopes = []string{scopeOpenID, scopeProfile, scopeEmail, scopePerson, scopeOrgs, scopeRoles, scopeProfessional,
	scopeMemberships, scopeSelectedRole, scopeChangedRole}

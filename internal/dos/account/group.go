package account

import "slices"

// Group is a named set of permissions, which is given and taken as a whole.
type Group string

// The groups (reference, directory of services §3.2). SearchOnly has no permission: everybody who is logged in can
// search.
const (
	ProviderUser      Group = "provider-user"
	SearchOnly        Group = "search-only"
	DoSLead           Group = "dos-lead"
	UserAdministrator Group = "user-administrator"
	Commissioner      Group = "commissioner"
	ProgrammeTeam     Group = "programme-team"
	Desk              Group = "service-desk"
	Program           Group = "machine"
)

// groupDetails is what a group gives, and where it can be given.
type groupDetails struct {
	group       Group
	title       string
	permissions []Permission
	scopes      []ScopeKind
	kinds       []Kind // of the accounts that can have it
}

var (
	anyScope      = []ScopeKind{KindOwnOrganisation, KindService, KindRegion, KindEverywhere}
	accountScopes = []ScopeKind{KindOwnOrganisation, KindRegion, KindEverywhere}
	people        = []Kind{Individual, Shared}
	individuals   = []Kind{Individual}
)

var groups = []groupDetails{
	{ProviderUser, "Provider user", []Permission{EditCapacity, EditService}, anyScope, people},
	{SearchOnly, "Search-only professional", nil, nil, people},
	{DoSLead, "DoS lead", []Permission{EditCapacity, EditService, ViewReports},
		[]ScopeKind{KindRegion, KindEverywhere}, individuals},
	{UserAdministrator, "DoS user administrator", []Permission{EditCapacity, EditService, ApproveUser, ManageUsers,
		ReviewLinks, ServiceDesk, BreakGlass, ViewReports, WebService}, accountScopes, individuals},
	{Commissioner, "Commissioner", []Permission{ViewReports}, []ScopeKind{KindRegion, KindEverywhere}, individuals},
	{ProgrammeTeam, "Programme team", []Permission{ManageWaves, ServiceDesk, ViewReports},
		[]ScopeKind{KindEverywhere}, individuals},
	{Desk, "Service desk", []Permission{ServiceDesk}, accountScopes, individuals},
	{Program, "Machine", []Permission{WebService}, accountScopes, []Kind{Machine}},
}

// Groups lists all groups.
func Groups() (all []Group) {
	for _, g := range groups {
		all = append(all, g.group)
	}
	return all
}

func (g Group) details() groupDetails {
	for _, one := range groups {
		if one.group == g {
			return one
		}
	}
	return groupDetails{}
}

// Known reports whether there is such a group.
func (g Group) Known() bool { return g.details().group != "" }

// Title names the group for people: "DoS lead".
func (g Group) Title() string { return g.details().title }

// Permissions lists what the group gives.
func (g Group) Permissions() []Permission { return slices.Clone(g.details().permissions) }

// Scopes lists the kinds of scopes in which the group can be given.
func (g Group) Scopes() []ScopeKind { return slices.Clone(g.details().scopes) }

// For reports whether accounts of a kind can have the group.
func (g Group) For(k Kind) bool { return slices.Contains(g.details().kinds, k) }

// In gives the grants that the group stands for in a scope.
func (g Group) In(s Scope) (grants Grants) {
	for _, p := range g.Permissions() {
		grants = append(grants, Grant{Permission: p, Scope: s, Group: g})
	}
	return grants
}

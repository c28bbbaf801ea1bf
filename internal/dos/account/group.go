package account

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/dos/account/widening"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

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
	{DoSLead, "DoS lead", []Permission{EditCapacity, EditService, InviteUser, ViewReports},
		[]ScopeKind{KindRegion, KindEverywhere}, individuals},
	{UserAdministrator, "DoS user administrator", []Permission{EditCapacity, EditService, ApproveUser, InviteUser,
		ManageUsers, ReviewLinks, ServiceDesk, WorkTickets, BreakGlass, ViewReports, WebService}, accountScopes,
		individuals},
	{Commissioner, "Commissioner", []Permission{ViewReports}, []ScopeKind{KindRegion, KindEverywhere}, individuals},
	{ProgrammeTeam, "Programme team", []Permission{ManageWaves, ServiceDesk, WorkTickets, ViewReports},
		[]ScopeKind{KindEverywhere}, individuals},
	{Desk, "Service desk", []Permission{ServiceDesk, WorkTickets}, accountScopes, individuals},
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

// GroupTitled gives the group that people know by a title, or fault.NotFound.
func GroupTitled(title string) (Group, error) {
	for _, one := range append(Groups(), "") {
		if strings.EqualFold(one.Title(), strings.TrimSpace(title)) {
			return one, nil
		}
	}
	return "", fault.NotFound
}

// Known reports whether there is such a group.
func (g Group) Known() bool { return g.details().group != "" }

// Title names the group for people: "DoS lead".
func (g Group) Title() string { return cmp.Or(g.details().title, "Permissions given one by one") }

// Permissions lists what the group gives.
func (g Group) Permissions() []Permission { return slices.Clone(g.details().permissions) }

// Scopes lists the kinds of scopes in which the group can be given.
func (g Group) Scopes() []ScopeKind { return slices.Clone(g.details().scopes) }

// Scopes lists the kinds of scopes in which the permission can be given by itself: those in which a group gives it.
func (p Permission) Scopes() (kinds []ScopeKind) {
	for _, g := range groups {
		for _, kind := range g.scopes {
			if slices.Contains(g.permissions, p) && !slices.Contains(kinds, kind) {
				kinds = append(kinds, kind)
			}
		}
	}
	return kinds
}

// For reports whether accounts of a kind can have the group.
func (g Group) For(k Kind) bool { return slices.Contains(g.details().kinds, k) }

// In gives the grants that the group stands for in a scope.
func (g Group) In(s Scope) (grants Grants) {
	for _, p := range g.Permissions() {
		grants = append(grants, Grant{Permission: p, Scope: s, Group: g})
	}
	return grants
}

// Membership is a group that an account has in a scope, with the permissions that came by it. Those that were given by
// themselves are one of no group.
type Membership struct {
	Group       Group
	Scope       Scope
	Permissions []Permission `json:",omitempty"`
}

// Memberships lists by which groups the grants came.
func (g Grants) Memberships() (list []Membership) {
	for _, one := range g {
		at := slices.IndexFunc(list, func(m Membership) bool { return m.Group == one.Group && m.Scope == one.Scope })
		if at < 0 {
			at = len(list)
			list = append(list, Membership{Group: one.Group, Scope: one.Scope})
		}
		list[at].Permissions = append(list[at].Permissions, one.Permission)
	}
	return list
}

// Membership gives the group that the grants have in a scope, or a fault if they do not.
func (g Grants) Membership(group Group, s Scope) (Membership, error) {
	for _, m := range g.Memberships() {
		if m.Group == group && m.Scope == s {
			return m, nil
		}
	}
	return Membership{}, errNoGroup
}

// Has reports whether the grants have a group in a scope.
func (g Grants) Has(group Group, s Scope) bool {
	return slices.ContainsFunc(g, func(one Grant) bool { return one.Group == group && one.Scope == s })
}

// ErrHasGroup says that an account has a group in a scope already.
var ErrHasGroup = errors.New("has the group already")

// AddGroup gives a group to an account in a scope, as a part of an Update that has checked that its actor may.
func AddGroup(ctx context.Context, w *db.W, id string, g Group, s Scope) error {
	grants, err := GrantsOf(ctx, w, id)
	if err != nil {
		return err
	}
	if grants.Has(g, s) {
		return ErrHasGroup
	}
	if err := addGrants(ctx, w, id, g.In(s)); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: GroupGiven, Subject: Ref(id), After: Membership{Group: g, Scope: s}})
}

const deleteGroup = `DELETE FROM account_grant
	WHERE account_id = $1 AND group_name = $2 AND scope_kind = $3 AND scope_id = $4`

var errNoGroup = fault.SayCure(fault.Conflict, "The account does not have this group any more.",
	"Look at what it has now.")

// RemoveGroup takes what came by a group in a scope from an account, as a part of an Update that has checked that its
// actor may.
func RemoveGroup(ctx context.Context, w *db.W, id string, m Membership) error {
	n, err := w.Exec(ctx, deleteGroup, id, string(m.Group), string(m.Scope.Kind), m.Scope.ID)
	if err != nil {
		return fmt.Errorf("take group: %w", err)
	}
	if n == 0 {
		return errNoGroup
	}
	if err := widening.End(ctx, w, id); err != nil {
		return err
	}
	return w.Record(ctx, audit.Event{Kind: GroupTaken, Subject: Ref(id), Before: m})
}

// JustGivenLasts is how long after somebody was given a permission they cannot use it yet where two people have to act,
// so that whoever was let in by mistake, or by one administrator alone, does nothing before others had the time to see
// it.
const JustGivenLasts = time.Hour

// JustGiven reports whether the actor was given a permission by a group within the last hour, however many other groups
// they were given since.
func JustGiven(ctx context.Context, w *db.W, p Permission) (bool, error) {
	for limit := 20; ; limit *= 4 {
		list, err := audit.Of(ctx, w, Ref(w.Actor().ID), limit, GroupGiven)
		if err != nil {
			return false, fmt.Errorf("read when a permission was given: %w", err)
		}
		for _, e := range list {
			if w.Now().Sub(e.At) >= JustGivenLasts {
				return false, nil
			}
			gives, err := givesPermission(e, p)
			if err != nil || gives {
				return gives, err
			}
		}
		if len(list) < limit {
			return false, nil
		}
	}
}

// givesPermission reports whether the group that was given in an event has a permission.
func givesPermission(e audit.Entry, p Permission) (bool, error) {
	var given Membership
	if err := json.Unmarshal(e.After, &given); err != nil {
		return false, fmt.Errorf("read what was given: %w", err)
	}
	return slices.Contains(given.Group.Permissions(), p), nil
}

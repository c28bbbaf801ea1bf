package account

import (
	"slices"

	"signpost/internal/dos/account/widening"
)

// Permission allows an account to do more than look. The national list is not public; the names follow those that
// are known (reference, directory of services §3.2).
type Permission string

// The permissions there are.
const (
	EditCapacity Permission = "editCapacity" // change how much a service can take
	EditService  Permission = "editService"  // change a service's hours and details
	ApproveUser  Permission = "approveUser"  // decide who gets an account
	InviteUser   Permission = "inviteUser"   // invite colleagues to request accounts
	ManageUsers  Permission = "manageUsers"  // change accounts, give groups, undo links
	ReviewLinks  Permission = "reviewLinks"  // decide links that a rule stopped
	ManageWaves  Permission = "manageWaves"  // move waves from phase to phase
	ServiceDesk  Permission = "serviceDesk"  // see what stands between one person and their account
	WorkTickets  Permission = "workTickets"  // answer tickets of the service desk
	BreakGlass   Permission = "breakGlass"   // open emergency rights with who asks for them, and review their use
	ViewReports  Permission = "viewReports"  // see counts and reports
	WebService   Permission = "webService"   // search by a program
)

// permissions lists what each permission lets its holder do, as pages say it after "You can".
var permissions = []struct {
	permission Permission
	lets       string
}{
	{EditCapacity, "change the capacity of services"},
	{EditService, "change the opening hours and details of services"},
	{ApproveUser, "decide who gets an account"},
	{InviteUser, "invite colleagues to request accounts"},
	{ManageUsers, "change accounts, give groups and undo links"},
	{ReviewLinks, "decide links to Care Identities that a rule stopped"},
	{ManageWaves, "decide when a wave of accounts moves to Care Identity"},
	{ServiceDesk, "see why somebody cannot log in"},
	{WorkTickets, "answer tickets of the service desk"},
	{BreakGlass, "open emergency rights with somebody who needs them, and review their use"},
	{ViewReports, "see counts and reports"},
	{WebService, "search the directory by a program (not available yet)"},
}

// All lists every permission there is.
func All() (all []Permission) {
	for _, one := range permissions {
		all = append(all, one.permission)
	}
	return all
}

// Lets says in plain words what the permission lets its holder do: "change the capacity of services".
func (p Permission) Lets() string {
	for _, one := range permissions {
		if one.permission == p {
			return one.lets
		}
	}
	return string(p)
}

// OverAccounts reports whether the permission is used on people, their accounts and requests, and not on services. An
// account is reached by its home organisation as well as by its region.
func (p Permission) OverAccounts() bool {
	switch p {
	case ApproveUser, InviteUser, ManageUsers, ReviewLinks, ServiceDesk, WorkTickets:
		return true
	}
	return false
}

// emergency lists what emergency rights let somebody do: keep services right. Nothing in it gives rights to anybody, or
// shows more about people.
var emergency = []Permission{EditCapacity, EditService}

// Emergency lists the permissions that emergency rights widen.
func Emergency() []Permission { return slices.Clone(emergency) }

// Widened gives what the emergency rights of a use stand for.
func Widened(n widening.Widening) Grants {
	return Scope{Kind: ScopeKind(n.ScopeKind), ID: n.ScopeID}.Of(emergency...)
}

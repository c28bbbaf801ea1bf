package path

// The paths of pages to which other sites lead, or mails.
const (
	// Of Care Identity Management.
	ApplyPage       = "/apply"
	FindRAPage      = "/find-your-ra"
	ProfilePage     = "/view-your-profile"
	ConnectionsPage = "/connections"

	SessionsPage = "/my-sessions" // of CIS2
	UsersPage    = "/users"       // of the Directory of Services
)

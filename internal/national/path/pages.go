package path

// The paths of pages to which other sites lead, or mails.
const (
	// Of Care Identity Management.
	ApplyPage       = "/apply"
	FindRAPage      = "/find-your-ra"
	ProfilePage     = "/view-your-profile"
	ConnectionsPage = "/connections"

	// Of CIS2.
	SessionsPage    = "/my-sessions"
	CheckDevicePage = "/check-device"
	LostPage        = "/lost-authenticator"
	AccessPassPage  = "/access-pass"
	DeviceResult    = "/result?code=" // below it, with a result code
	DeviceSheet     = "/local-it"     // below it, for local IT
	HelpPage        = "/help/authenticators"

	UsersPage = "/users" // of the Directory of Services
)

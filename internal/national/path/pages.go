package path

// The paths of pages of Care Identity Management to which the other sites lead.
const (
	ApplyPage   = "/apply"
	FindRAPage  = "/find-your-ra"
	ProfilePage = "/view-your-profile"
)

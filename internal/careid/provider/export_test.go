package provider

// For tests of what happens between the look at a browser's session and the grant.
var (
	UseSession  = (*Provider).useSession
	GrantAtOnce = (*Provider).grantAtOnce
)

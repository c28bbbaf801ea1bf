package provider

import "signpost/internal/platform/session"

// For tests of what happens between the look at a browser's session and the grant.
var (
	UseSession  = (*Provider).useSession
	GrantAtOnce = (*Provider).grantAtOnce
)

// Crowd gives a test the bounds of the sign-ins that are under way.
func (p *Provider) Crowd() *session.Crowd { return &p.crowd }

// Pushed gives a test the bounds of the pushed requests that wait.
func (p *Provider) Pushed() *session.Crowd { return p.pushed }

package portal

import "signpost/internal/platform/session"

// Crowd gives a test the bounds of those who are on their way through CIS2.
func (p *Portal[S, P]) Crowd() *session.Crowd { return &p.crowd }

package session

import store "signpost/internal/platform/session"

// Crowd gives a test the bounds of the sign-outs that are under way.
func (s *Sessions) Crowd() *store.Crowd { return &s.crowd }

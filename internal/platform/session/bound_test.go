package session_test

import (
	"testing"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/session"
)

// Of too many sessions of one person those go that began first, and they are told why. Nobody else's do.
func TestTheOldestSessionsMakeRoom(t *testing.T) {
	d, c := open(t)
	colleague := begin(t, d, "a2", "sid2")
	var cookies []string
	for range session.MaxOfSubject + 2 {
		c.Advance(time.Second)
		cookies = append(cookies, begin(t, d, "a1", "sid1"))
	}
	bound := kind.Bound(d, func(subject string) audit.Ref { return audit.Ref{Kind: "account", ID: subject} })
	for range 2 { // the second run finds nothing to end
		if err := session.Trim(t.Context(), d, []session.Bound{bound}); err != nil {
			t.Fatal(err)
		}
	}
	for i, cookie := range append(cookies, colleague) {
		_, err := find(t, d, cookie)
		if surplus := i < 2; surplus != (err != nil) {
			t.Errorf("session %d: %v", i, err)
		}
		if got := ending(t, d, cookie); (got == session.Surplus) != (err != nil) {
			t.Errorf("session %d ended %q", i, got)
		}
	}
}

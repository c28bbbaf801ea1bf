package usable_test

import (
	"testing"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration/usable"
)

// An identity is usable if it is active, verified or no person's, and has an approved authenticator and a position. For
// each thing that it lacks there is one line, with a cure for both who can do something.
func TestWhatIsMissing(t *testing.T) {
	tried := 0
	for _, status := range identity.Statuses() {
		for _, verified := range []bool{false, true} {
			for _, organisational := range []bool{false, true} {
				for n := range 8 {
					f := usable.Facts{Status: status, Verified: verified, Organisational: organisational,
						Authenticators: n & 1, Unapproved: n >> 1 & 1, Positions: n >> 2 & 1}
					want := 0
					for _, lacks := range []bool{
						status != identity.Active, !verified && !organisational, f.Authenticators == 0, f.Positions == 0,
					} {
						if lacks {
							want++
						}
					}
					got := f.Missing()
					if len(got) != want || f.Usable() != (want == 0) {
						t.Errorf("%+v: %v", f, got)
					}
					for _, m := range got {
						if m.What == "" || m.Cure == "" || m.Own == "" {
							t.Errorf("%+v: %+v", f, m)
						}
					}
					tried++
				}
			}
		}
	}
	if tried < 128 {
		t.Errorf("only %d states tried", tried)
	}
}

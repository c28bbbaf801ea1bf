package results

import (
	"testing"

	"signpost/internal/dos/signin"
)

// Each reason why somebody is turned away has a title.
func TestReasonsHaveTitles(t *testing.T) {
	for _, o := range append(signin.Refusals(), signin.TurnedAway()...) {
		if reasonTitles[o] == "" {
			t.Errorf("%s has none", o)
		}
	}
}

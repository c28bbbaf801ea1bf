package advice

import (
	"testing"

	"signpost/internal/dos/signin"
)

// An administrator or the desk that looks at a refused login is told of each refusal what happened and what to say.
func TestEachRefusalHasWords(t *testing.T) {
	for _, outcome := range signin.Refusals() {
		if one := byOutcome[outcome]; one.What == "" || one.Tell == "" {
			t.Errorf("no words for %q", outcome)
		}
	}
}

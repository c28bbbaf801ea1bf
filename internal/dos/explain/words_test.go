package explain

import (
	"testing"

	"signpost/internal/dos/signin"
)

// Each refusal of a Care Identity is explained by a reason of its own, with its cure.
func TestEachRefusalIsExplained(t *testing.T) {
	for _, outcome := range signin.Refusals() {
		if one := outcomes[outcome]; one == nil || one.Message == "" || one.Cure == "" {
			t.Errorf("no reason for %q", outcome)
		}
	}
}

package explain

import (
	"testing"

	"signpost/internal/dos/signin"
)

// Each refusal of a Care Identity is explained by a reason of its own, with its cure.
func TestEachRefusalIsExplained(t *testing.T) {
	for _, outcome := range signin.Refusals() {
		one := outcomes[outcome]
		if one == nil {
			t.Errorf("no reason for %q", outcome)
			continue
		}
		if why, cure := (decisions{}).words(one); why == "" || cure == "" {
			t.Errorf("no reason for %q", outcome)
		}
	}
}

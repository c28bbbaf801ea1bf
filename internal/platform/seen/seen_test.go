package seen_test

import (
	"errors"
	"testing"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/seen"
)

type shown struct{ First, Last string }

// What was looked at is told from whatever differs from it, also from nothing.
func TestCheck(t *testing.T) {
	name, err := seen.Of(shown{"Ada", "Lovelace"})
	if err != nil {
		t.Fatal(err)
	}
	if err := seen.Check(name, shown{"Ada", "Lovelace"}); err != nil {
		t.Errorf("the same: %v", err)
	}
	for _, other := range []shown{{"Ada", "Byron"}, {"Ada Lovelace", ""}, {}} {
		if err := seen.Check(name, other); !errors.Is(err, fault.Conflict) {
			t.Errorf("%+v: %v", other, err)
		}
	}
	if err := seen.Check("", shown{}); !errors.Is(err, fault.Conflict) {
		t.Errorf("nothing was looked at: %v", err)
	}
}

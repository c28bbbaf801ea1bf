package house_test

import (
	"strings"
	"testing"
)

// What makes ceremonies for tests shares nothing with what checks them.
func TestCeremoniesAreMadeIndependently(t *testing.T) {
	const maker = "internal/careid/careidtest/credentialtest"
	seen := 0
	for _, p := range packages(t) {
		if p.path() != maker {
			continue
		}
		for _, to := range p.Imports {
			seen++
			if strings.Contains(to, ".") || strings.HasPrefix(to, ours+"internal/careid") {
				t.Errorf("%s imports %s", maker, to)
			}
		}
	}
	if seen == 0 {
		t.Errorf("no import of %s found: the check would prove nothing", maker)
	}
}

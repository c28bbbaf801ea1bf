package worldtest

import (
	"fmt"
	"regexp"
	"testing"
)

// Tally counts what must be refused; one that tried nothing fails.
type Tally struct{ tried, accepted int }

// Refused counts one try, which fails the test if it was accepted.
func (y *Tally) Refused(t testing.TB, name string, accepted bool) {
	t.Helper()
	y.tried++
	if accepted {
		y.accepted++
		t.Errorf("%s: accepted", name)
	}
}

// onLinking finds the number of a rule or an attack on linking.
var onLinking = regexp.MustCompile(`\b[LR][0-9]{1,2}\b`)

// Report says how many were tried of what; with the number of an attack on linking, also in their table.
func (y *Tally) Report(t testing.TB, what string) {
	t.Helper()
	line := fmt.Sprintf("%s: tried %d, accepted %d", what, y.tried, y.accepted)
	if onLinking.MatchString(what) {
		Linking(t, "%s", line)
	} else {
		t.Log(line)
	}
	if y.tried == 0 {
		t.Errorf("%s: nothing was tried", what)
	}
}

package worldtest

import "testing"

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

// Report says how many were tried of what.
func (y *Tally) Report(t testing.TB, what string) {
	t.Helper()
	t.Logf("%s: tried %d, accepted %d", what, y.tried, y.accepted)
	if y.tried == 0 {
		t.Errorf("%s: nothing was tried", what)
	}
}

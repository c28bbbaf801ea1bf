package device

import "testing"

// Each answer to a fact means something for each need that it decides.
func TestEveryAnswerHasItsRule(t *testing.T) {
	for need, decides := range rules {
		for _, a := range decides.fact.Answers() {
			if _, ruled := decides.by[a]; !ruled {
				t.Errorf("%s: nothing is said of %s %q", need, decides.fact, a)
			}
		}
		if len(decides.by) != len(decides.fact.Answers()) {
			t.Errorf("%s has rules for what %s never is", need, decides.fact)
		}
	}
}

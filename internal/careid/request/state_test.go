package request

import "testing"

// Each act from each state leads where the table of facts says, and nowhere else.
func TestMoves(t *testing.T) {
	want := map[string]State{
		"open approve": Completed, "open reject": Rejected, "open withdraw": Withdrawn, "open end": Ended,
		"rejected send-again": Waiting, "rejected withdraw": Withdrawn, "rejected end": Ended,
	}
	tried := 0
	for _, from := range []State{Waiting, Completed, Rejected, Withdrawn, Ended} {
		for _, a := range []act{approve, reject, sendAgain, withdraw, end} {
			tried++
			if got := moves[from][a]; got != want[string(from)+" "+string(a)] {
				t.Errorf("%s of %s leads to %q", a, from, got)
			}
		}
		if over := from != Waiting && from != Rejected; from.Over() != over {
			t.Errorf("%s is over: %v", from, from.Over())
		}
		if from.Label() == "" || from.Label() == string(from) {
			t.Errorf("%s has no name for people", from)
		}
	}
	if tried != 25 {
		t.Errorf("%d tried", tried)
	}
}

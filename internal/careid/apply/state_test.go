package apply_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"signpost/internal/careid/apply"
)

var parties = []apply.Party{apply.Inviter, apply.Applicant, apply.Checker}

// stored are the states as which an application may be stored that is in a state.
func stored(at apply.State) []apply.State {
	switch at {
	case apply.LinkExpired, apply.PhoneLocked:
		return []apply.State{apply.Invited, apply.Started, apply.Returned}
	case apply.InReview:
		return []apply.State{apply.Submitted}
	}
	return []apply.State{at}
}

// testdata/moves.txt lists every move there is, one a line. Every other act of anybody in any state is refused.
func TestEveryMoveIsWrittenDown(t *testing.T) {
	text, err := os.ReadFile("testdata/moves.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
			want[strings.Join(strings.Fields(line), " ")] = true
		}
	}
	tried, refused := 0, 0
	found := map[string]bool{}
	for _, at := range apply.States {
		for _, from := range stored(at) {
			for _, a := range apply.Acts() {
				for _, p := range parties {
					tried++
					to, possible := apply.Next(at, from, a, p)
					if !possible {
						refused++
						if to != from {
							t.Errorf("%s %s %s is refused and moves to %s", at, a, p, to)
						}
						continue
					}
					move := strings.Join([]string{string(at), a, string(p), "->", string(to)}, " ")
					if !want[move] {
						t.Errorf("not written down: %s", move)
					}
					found[move] = true
				}
			}
		}
	}
	for move := range want {
		if !found[move] {
			t.Errorf("not possible: %s", move)
		}
	}
	t.Logf("tried %d, refused %d", tried, refused)
	if refused < tried/2 {
		t.Error("hardly anything is refused")
	}
}

// Whatever anybody does, in whatever order: only a checker approves, who looks first; whoever invited decides nothing;
// what is over stays over; and what is not over can be brought to an end.
func TestWhatTheMovesHold(t *testing.T) {
	for _, at := range apply.States {
		ends := at.Over()
		for _, from := range stored(at) {
			for _, a := range apply.Acts() {
				for _, p := range parties {
					to, possible := apply.Next(at, from, a, p)
					if !possible {
						continue
					}
					decides := slices.Contains([]apply.State{apply.Approved, apply.Rejected, apply.Returned}, to) && to != from
					switch {
					case at.Over():
						t.Errorf("%s is over, and %s %ss it", at, p, a)
					case decides && (p != apply.Checker || at != apply.InReview):
						t.Errorf("%s %ss an application that is %s", p, a, at)
					case to == apply.Submitted && from != to && p != apply.Applicant:
						t.Errorf("%s submits for the applicant", p)
					}
					ends = ends || a == "withdraw" && to == apply.Withdrawn && p == apply.Inviter
				}
			}
		}
		if !ends {
			t.Errorf("nobody can end an application that is %s", at)
		}
		if at.Label() == "" {
			t.Errorf("%s has no label", at)
		}
	}
}

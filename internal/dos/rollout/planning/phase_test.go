package planning_test

import (
	"strings"
	"testing"

	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/standing"
	"signpost/internal/national/path"
)

// How far somebody is and who has to act next are the same in each phase, so that counts by them need not know it.
func TestNoPhaseChangesWhoActs(t *testing.T) {
	lines := []string{""}
	for _, words := range [][]string{{"one", "none", "several"}, {"-", "active", "not_active", "closed"},
		{"-", "equal", "unverified", "different"}, {"-", "yes", "no"}, {"- -", "0 -", "1 -", "3 -", "3 approved"}} {
		var longer []string
		for _, line := range lines {
			for _, word := range words {
				longer = append(longer, strings.TrimSpace(line+" "+word))
			}
		}
		lines = longer
	}
	plans := planning.NewPlanner(nil)
	compared := 0
	for _, line := range append(lines, "") {
		for _, answers := range someAnswers() {
			for kind := range 8 {
				n := rollout.Noted{Shared: kind&1 > 0, Linked: kind&2 > 0, Proved: kind&4 > 0, Said: standing.Said(line),
					Answers: answers, Phase: path.Prepare}
				first := plans.Plan(n.Facts())
				for n.Phase = path.Choose; n.Phase <= path.Closed; n.Phase++ {
					compared++
					if p := plans.Plan(n.Facts()); p.State != first.State || p.Owner != first.Owner {
						t.Errorf("%+v: %s of %q, and before %s of %q", n, p.State, p.Owner, first.State, first.Owner)
					}
				}
			}
		}
	}
	if compared < 100_000 {
		t.Errorf("only %d compared", compared)
	}
}

func someAnswers() []report.Answers {
	list := []report.Answers{{}}
	for _, identity := range rollout.Choices[rollout.AskIdentity] {
		list = append(list, report.Answers{Identity: identity})
	}
	for _, email := range rollout.Choices[rollout.AskEmail] {
		list = append(list, report.Answers{Identity: "active", Email: email})
	}
	for _, access := range rollout.Choices[rollout.AskAccess] {
		list = append(list, report.Answers{Identity: "active", Email: "same", Access: access})
	}
	return list
}

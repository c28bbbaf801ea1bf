package simulation

import (
	"time"

	"signpost/internal/dos/report"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/national/path"
)

// Some judges those of all members whom somebody wants to know about, as if their wave were in a phase, by their ids.
func Some(members []report.Member, phase path.Phase, now time.Time, wanted func(id string) bool) map[string]Judgement {
	plans := planning.NewPlanner(nil)
	found := map[string]Judgement{}
	for _, m := range members {
		if !wanted(m.ID) {
			continue
		}
		f := factsOf(m, now)
		f.Path.Phase = phase
		found[m.ID] = Judge(f, plans)
	}
	return found
}

package path

import "slices"

// State is the state of a line of the checklist.
type State string

// The states of a line.
const (
	Done    State = "done"
	Do      State = "next"    // it can be done now
	Waiting State = "waiting" // something else, or somebody else, comes first
	Unclear State = "unknown" // a question has to be answered
)

// Item is one line of the checklist.
type Item struct {
	Need  Need
	Title string
	State State
	Steps []Step // the steps that are left; none when done
}

// Checklist gives the state of every need and its steps. It agrees with Next.
func Checklist(f Facts) []Item {
	steps := Next(f)
	items := make([]Item, 0, len(Needs()))
	for _, n := range Needs() {
		item := Item{Need: n, Title: n.Title()}
		for _, s := range steps {
			if slices.Contains(s.For, n) {
				item.Steps = append(item.Steps, s)
			}
		}
		item.State = state(item.Steps)
		items = append(items, item)
	}
	return items
}

func state(steps []Step) State {
	if len(steps) == 0 {
		return Done
	}
	best := Waiting
	for _, s := range steps {
		switch {
		case !s.Ready() || s.Waits():
		case s.Question:
			if best == Waiting {
				best = Unclear
			}
		default:
			best = Do
		}
	}
	return best
}

// forAny reports whether the step works towards any of the needs.
func (s Step) forAny(needs []Need) bool {
	return slices.ContainsFunc(s.For, func(n Need) bool { return slices.Contains(needs, n) })
}

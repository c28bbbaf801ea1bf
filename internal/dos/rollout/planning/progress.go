package planning

import "signpost/internal/national/path"

// Progress is what narrows a list of people on their way: how far they are, a State, or who has to act next, a
// path.Owner.
type Progress string

// Progresses lists them, in the order in which to show them.
func Progresses() (list []Progress) {
	for _, s := range States() {
		list = append(list, Progress(s))
	}
	for _, o := range path.Owners() {
		list = append(list, Progress(o))
	}
	return list
}

// Title is what people call it.
func (p Progress) Title() string {
	if title := State(p).Title(); title != "" {
		return title
	}
	return "Next to act: " + path.Owner(p).Title()
}

// Of reports whether somebody with a plan is meant.
func (p Progress) Of(plan *Plan) bool {
	return p != "" && (plan.State == State(p) || plan.Owner == path.Owner(p))
}

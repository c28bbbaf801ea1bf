package path

import "slices"

// Now is what to say first to one person: the one thing that they do now, who else is at work, and what comes after.
type Now struct {
	Do   Step   // its What is empty where there is nothing for the person to do but wait
	With []Step // more steps of a registration authority, for which the same mail asks

	Number, Of int // the place in the checklist of the line that is worked at, of so many; 0 where there is none

	Working []Step // others do them: they were asked, or need not be
	After   []Step // all the rest, in the order in which to read them
}

// NowOf sorts what is left to do. asked says of a step whether the person has asked whoever does it, and can wait; a
// link is asked for where somebody has to look at it first.
func NowOf(f Facts, asked func(What) bool) Now {
	now := Now{Of: len(Needs())}
	for _, s := range Next(f) {
		now.sort(s, asked)
	}
	if now.Do.What != "" {
		now.Number = 1 + slices.IndexFunc(Needs(), func(n Need) bool { return slices.Contains(now.Do.For, n) })
	}
	return now
}

func (n *Now) sort(s Step, asked func(What) bool) {
	switch {
	case s.What == Link && asked(s.What):
		n.Working = append(n.Working, s)
	case !s.Ready():
		n.After = append(n.After, s)
	case s.Waits() || s.Asks() && asked(s.What):
		n.Working = append(n.Working, s)
	case n.Do.What == "":
		n.Do = s
	case n.Do.OfAuthority() && s.OfAuthority():
		n.With = append(n.With, s)
	default:
		n.After = append(n.After, s)
	}
}

// Waits reports whether others do the step without being asked.
func (s Step) Waits() bool { return s.What == AuthoriseAccount || s.What == AwaitLinking }

// Asks reports whether what the person does for the step is to ask somebody else.
func (s Step) Asks() bool { return !s.Waits() && (s.Owner != Person || s.OfAuthority()) }

// OfAuthority reports whether it is the registration authority who is asked.
func (s Step) OfAuthority() bool { return s.Where == PlaceFindRA || s.Also == PlaceFindRA }

// Whats gives what the steps are about.
func Whats(steps []Step) []What {
	list := make([]What, 0, len(steps))
	for _, s := range steps {
		list = append(list, s.What)
	}
	return list
}

// Asking gives the steps for which one mail asks: the one to do now, and those that go with it.
func (n Now) Asking() []Step { return slices.Concat([]Step{n.Do}, n.With) }

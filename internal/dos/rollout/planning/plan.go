// Package planning makes plans: from the facts about one person, how far they are, what is left to do, who has to act
// next and how many working days it usually takes. It is pure, and knows neither lists nor databases.
package planning

import (
	"maps"
	"slices"

	"signpost/internal/national/path"
)

// State says how far somebody is.
type State string

// The states.
const (
	Moved   State = "moved"   // the account is linked, and nothing is known to keep its holder out
	Ready   State = "ready"   // nothing is left but to link
	Unsure  State = "unsure"  // nothing is known to be missing, but not everything is known
	Blocked State = "blocked" // somebody has to do something first
)

// States lists the states, in the order in which to show them.
func States() []State { return []State{Moved, Ready, Unsure, Blocked} }

// Title is what people call the state.
func (s State) Title() string {
	return map[State]string{Moved: "Linked and in order", Ready: "Ready to link", Unsure: "Not known yet",
		Blocked: "Something is missing"}[s]
}

// Plan is what is left to do in one combination of facts. Everybody with these facts has the same plan.
type Plan struct {
	State State
	Steps []path.Step // without the values of any one person in their texts
	Owner path.Owner  // who has to act next; empty where nobody has
	Days  int         // working days until nothing is left but to link, if each owner takes the usual time
	Facts path.Facts  // of which it is the plan
}

// UsualDays are the working days that each owner is taken to need for a step, where nobody says otherwise: a
// registration authority has five working days, the others are what desks promise.
func UsualDays() map[path.Owner]int {
	return map[path.Owner]int{path.Person: 2, path.RegistrationAuthority: 5, path.DoSAdministrator: 3, path.LocalIT: 5,
		path.ServiceDesk: 2, path.ProgrammeTeam: 0}
}

// Dated reports whether it can be said when nothing will be left but to link: not of those who moved, and not of those
// of whom nobody knows whether they have a Care Identity, or anything else that is missing.
func (p *Plan) Dated() bool {
	return (p.State == Ready || p.State == Blocked) && !slices.ContainsFunc(p.Steps, func(s path.Step) bool {
		return s.What == path.AskIdentity || s.What == path.AskAccount
	})
}

// AtLinking reports whether a step belongs to linking itself, which takes minutes: nobody has to do it before.
func AtLinking(what path.What) bool { return slices.Contains(atTheEnd, what) }

var atTheEnd = []path.What{path.ProveEmail, path.AskLink, path.AwaitLinking, path.Link}

// Planner makes plans, one for each combination of facts that it meets. It is for one goroutine.
type Planner struct {
	days  map[path.Owner]int
	plans map[path.Facts]*Plan
}

// NewPlanner makes a planner for owners of whom some need other working days for a step than the usual ones.
func NewPlanner(other map[path.Owner]int) *Planner {
	days := UsualDays()
	maps.Copy(days, other)
	return &Planner{days: days, plans: map[path.Facts]*Plan{}}
}

// Days gives the working days that each owner is taken to need for a step.
func (p *Planner) Days() map[path.Owner]int { return p.days }

// Plan gives the plan of everybody with these facts.
func (p *Planner) Plan(f path.Facts) *Plan {
	if plan, is := p.plans[f]; is {
		return plan
	}
	plan := &Plan{Steps: path.Next(f), Facts: f}
	plan.judge(f, p.days)
	p.plans[f] = plan
	return plan
}

// judge says how far somebody is, from the steps that are left.
func (p *Plan) judge(f path.Facts, days map[path.Owner]int) {
	p.State = Ready
	if f.Linked == path.Yes {
		p.State = Moved
	}
	ends := map[path.What]int{} // when each step is done, in working days
	for _, s := range p.Steps {
		if !p.stops(s) {
			continue
		}
		begin := 0
		for _, before := range s.After {
			begin = max(begin, ends[before])
		}
		ends[s.What] = begin + days[s.Owner]
		p.Days = max(p.Days, ends[s.What])
		if s.Question {
			if p.State == Ready {
				p.State = Unsure
			}
			continue
		}
		p.State = Blocked
		if p.Owner == "" && s.Ready() {
			p.Owner = s.Owner
		}
	}
	if p.State == Unsure {
		p.Owner = path.Person
	}
}

// stops reports whether a step is one without which somebody is not ready. Those that belong to linking are none. Nor
// is, once the account is linked, what brings addresses together: then only the Care Identity decides.
func (p *Plan) stops(s path.Step) bool {
	tidies := p.Facts.Linked == path.Yes && slices.Equal(s.For, []path.Need{path.SameEmail})
	return !AtLinking(s.What) && !tidies
}

// Next gives what has to be done next: by the owner who has to act, or where nobody has, what is left. It is false
// where nothing is.
func (p *Plan) Next() (path.Step, bool) {
	for _, s := range p.Steps {
		wanted := true
		switch p.State {
		case Blocked:
			wanted = !s.Question && p.stops(s)
		case Unsure:
			wanted = s.Question
		}
		if wanted && s.Ready() {
			return s, true
		}
	}
	return path.Step{}, false
}

// Words say what has to be done next, and who does it: of a registration authority its name, where that is known.
func (p *Plan) Words(authority string) (task, owner string) {
	next, is := p.Next()
	if !is {
		return "Nothing", "Nobody"
	}
	owner = next.Owner.Title()
	if next.Owner == path.RegistrationAuthority && authority != "" {
		owner += ": " + authority
	}
	return next.Task, owner
}

// Checklist gives the state of every line of the checklist.
func (p *Plan) Checklist() []path.Item { return path.Checklist(p.Facts) }

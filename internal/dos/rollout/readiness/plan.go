package readiness

import (
	"slices"

	"signpost/internal/national/authn"
	"signpost/internal/national/path"
)

// State says how far somebody is.
type State string

// The states.
const (
	Moved   State = "moved"   // the account is linked, and nothing is known to be missing
	Ready   State = "ready"   // nothing is left but to link
	Unsure  State = "unsure"  // nothing is known to be missing, but not everything is known
	Blocked State = "blocked" // somebody has to do something first
)

// States lists the states, in the order in which to show them.
func States() []State { return []State{Moved, Ready, Unsure, Blocked} }

// Title is what people call the state.
func (s State) Title() string {
	return map[State]string{Moved: "Linked already", Ready: "Ready to link", Unsure: "Not known yet",
		Blocked: "Something is missing"}[s]
}

// Plan is what is left to do in one combination of facts. Everybody with these facts has the same plan.
type Plan struct {
	State State
	Steps []path.Step // without the values of any one person in their texts
	Owner path.Owner  // who has to act next; empty where nobody has
	Days  int         // working days until nothing is left but to link, if each owner takes the usual time
	facts path.Facts
}

// UsualDays are the working days that each owner is taken to need for a step, where nobody says otherwise: a
// registration authority has five working days, the others are what desks promise.
func UsualDays() map[path.Owner]int {
	return map[path.Owner]int{path.Person: 2, path.RegistrationAuthority: 5, path.DoSAdministrator: 3, path.LocalIT: 5,
		path.ServiceDesk: 2, path.ProgrammeTeam: 0}
}

// AtLinking reports whether a step belongs to linking itself, which takes minutes: nobody has to do it before.
func AtLinking(what path.What) bool { return slices.Contains(atTheEnd, what) }

var atTheEnd = []path.What{path.ProveEmail, path.AskLink, path.AwaitLinking, path.Link}

// planner makes plans, one for each combination of facts that it meets.
type planner struct {
	days  map[path.Owner]int
	plans map[path.Facts]*Plan
}

func (p *planner) plan(f path.Facts) *Plan {
	if plan, is := p.plans[f]; is {
		return plan
	}
	plan := &Plan{Steps: path.Next(f), facts: f}
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
		if AtLinking(s.What) {
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

// minLevel is the authentication level that the directory asks for (AAL2_OR_AAL3_ANY).
const minLevel = int(authn.AAL2)

// factsOf gives the facts about an account, of its class, and of the Care Identities that were found for it. What no
// list says is not known.
func (l *lists) factsOf(a Account, class Class, found []int) path.Facts {
	f := path.Facts{Account: path.Individual, Linked: a.Linked, Phase: l.phase, MailProved: a.EmailConfirmed}
	switch {
	case a.Kind == Shared:
		f.Account = path.Shared
		f.Requested = path.Is(a.Requested)
	case class == RoleMailbox:
		f.Account = path.AccountUnknown // one person's account with a team's address, or a shared one
	case class == DuplicateAccounts:
		f.Account = path.Doubled
	}
	switch {
	case class == DuplicateIdentities, class == DuplicateAccounts && len(found) > 1:
		f.Identity = path.SeveralIdentities
	case class == None, class == DuplicateAccounts && len(found) == 0 && l.compared:
		f.Identity = path.NoIdentity
	case (class == Exact || class == Drifted || class == DuplicateAccounts) && len(found) == 1:
		l.addIdentity(&f, class, l.identities.identities[found[0]])
	}
	return f
}

// addIdentity adds what is known of the one Care Identity that was found.
func (l *lists) addIdentity(f *path.Facts, class Class, one Identity) {
	f.Identity = path.OneInactive
	if one.Active {
		f.Identity = path.OneActive
	}
	f.Email = path.EmailDifferent
	if class != Drifted {
		f.Email = emailOf(one, l.identities.has)
	}
	l.addAccess(f, one)
}

// emailOf compares an address that is equal. Where the list does not say whether addresses were confirmed, equal ones
// count: the guidance asks that they agree.
func emailOf(one Identity, has hasColumns) path.Email {
	if has.verified && one.Verified == path.No {
		return path.EmailUnverified
	}
	return path.EmailAgrees
}

// addAccess adds what a Care Identity can be used for.
func (l *lists) addAccess(f *path.Facts, one Identity) {
	has := l.identities.has
	if has.position {
		f.Position = one.Position
	}
	if !has.authenticators && !has.level || one.Level < 0 {
		return
	}
	switch {
	case one.Level == 0:
		f.Authenticator = path.NoAuthenticator
	case one.Level < minLevel:
		f.Authenticator = path.TooWeak
	default:
		f.Authenticator = path.Sufficient
		f.Working = path.Yes // the login that linking asks for will show it
		f.Approved = l.approved(one)
	}
}

// approved says whether the organisation approves of the authenticators: as the list says, or by their kinds.
func (l *lists) approved(one Identity) path.Known {
	if l.identities.has.approved && one.Approved != path.Unknown {
		return one.Approved
	}
	if l.approvedKinds == 0 || one.kinds == 0 {
		return path.Unknown
	}
	return path.Is(l.approvedKinds&one.kinds != 0)
}

// Checklist gives the state of every line of the checklist.
func (p *Plan) Checklist() []path.Item { return path.Checklist(p.facts) }

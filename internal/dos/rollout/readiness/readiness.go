// Package readiness says, from a list of accounts and a list of Care Identities, who is ready to log in to the
// Directory of Services with a Care Identity, and what each of the others has to do next.
//
// It needs no database and no network. It matches the two lists by the canonical address, computes everybody's path
// with package path, and counts. It does not know how a report looks; package report writes it.
package readiness

import (
	"fmt"

	"signpost/internal/dos/rollout/planning"
	"signpost/internal/national/authn"
	"signpost/internal/national/path"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

// Options say what to read and by which rules.
type Options struct {
	Accounts   sheet.Source
	Identities sheet.Source // nil where there is no such list; then everybody is asked
	// The headings of columns, where they stand under others than those that are understood.
	AccountColumns, IdentityColumns map[string]string

	Phase    path.Phase         // of everybody's wave; PhaseUnknown is Choose
	Approved []authn.Kind       // authenticators that organisations approve, where the list does not say
	Days     map[path.Owner]int // working days that an owner needs for a step, in place of the usual ones
}

// Result is what is known of everybody.
type Result struct {
	People     []Person // in the order of the list of accounts
	identities []Identity
	Accounts   Reading
	Identities Reading // zero where there was no such list
	Inactive   int     // accounts that were left out, since they are not active
	Phase      path.Phase
	Days       map[path.Owner]int // working days that each owner is taken to need
	Unsaid     []string           // what no list says, in sentences
}

// Reading says how a list was read.
type Reading struct {
	Rows    int // of data, those that were refused too
	About   sheet.About
	Refused []Refused
}

// Person is one account and what is left to do about it.
type Person struct {
	Account
	Class Class
	Plan  *planning.Plan
	found []int
}

// Exempt reports whether the account does not move: machines call services, and log in to no page.
func (p Person) Exempt() bool { return p.Kind == Machine }

// Found gives the Care Identities that were found for somebody.
func (r *Result) Found(p Person) []Identity {
	list := make([]Identity, 0, len(p.found))
	for _, i := range p.found {
		list = append(list, r.identities[i])
	}
	return list
}

// Authority names the registration authority that somebody's account or, where that says nothing, their Care Identity
// has, or all of several; empty is that neither says, or that several do not have the same.
func (r *Result) Authority(p Person) string {
	if p.Authority != "" || len(p.found) == 0 {
		return p.Authority
	}
	first := r.identities[p.found[0]].Authority
	for _, i := range p.found {
		if r.identities[i].Authority != first {
			return ""
		}
	}
	return first
}

// Next is the step that somebody has to do, or to wait for, first; false where nothing is left.
func (p Person) Next() (path.Step, bool) {
	for _, s := range p.Plan.Steps {
		if s.Ready() {
			return s, true
		}
	}
	return path.Step{}, false
}

// Steps gives the steps that are left for somebody, with their own values in the texts.
func (r *Result) Steps(p Person) []path.Step {
	f := p.Plan.Facts
	f.Username = p.Username
	f.Authority = r.Authority(p)
	return path.Next(f)
}

// lists is what was read.
type lists struct {
	accounts      accountList
	identities    identityList
	compared      bool // there is a list of Care Identities
	phase         path.Phase
	approvedKinds uint16
}

// Compute reads the lists and says what is left to do for each account. An error is a fault that names the list and the
// cure, or that of a source.
func Compute(o Options) (*Result, error) {
	l := &lists{phase: o.Phase, compared: o.Identities != nil}
	if l.phase == path.PhaseUnknown {
		l.phase = path.Choose
	}
	for _, kind := range o.Approved {
		l.approvedKinds |= kindBits[kind]
	}
	var err error
	if l.accounts, err = readAccounts(o.Accounts, o.AccountColumns); err != nil {
		return nil, inList("accounts", err)
	}
	if l.compared {
		w := wantedBy(l.accounts.accounts)
		if l.identities, err = readIdentities(o.Identities, o.IdentityColumns, w); err != nil {
			return nil, inList("identities", err)
		}
	}
	return l.result(o.Days), nil
}

// inList says in which list a fault is.
func inList(list string, err error) error {
	f, is := fault.From(err)
	if !is {
		return fmt.Errorf("read the list of %s: %w", list, err)
	}
	return fault.SayCure(f.Code, "The list of "+list+": "+f.Message, f.Cure)
}

// result matches everybody.
func (l *lists) result(days map[path.Owner]int) *Result {
	m := newMatcher(l.accounts.accounts, l.identities.identities)
	plans := planning.NewPlanner(days)
	r := &Result{
		People: make([]Person, 0, len(l.accounts.accounts)), identities: l.identities.identities,
		Accounts: Reading{Rows: len(l.accounts.accounts) + l.accounts.inactive + len(l.accounts.refused),
			About: l.accounts.about, Refused: l.accounts.refused},
		Identities: Reading{Rows: l.identities.rows + len(l.identities.refused), About: l.identities.about,
			Refused: l.identities.refused},
		Inactive: l.accounts.inactive, Phase: l.phase, Unsaid: l.unsaid(),
		Days: plans.Days(),
	}
	for _, a := range l.accounts.accounts {
		p := Person{Account: a, Class: NotAsked}
		switch {
		case l.compared:
			p.Class, p.found = m.match(a)
		case a.Kind == Shared || a.role:
			p.Class = RoleMailbox
		case a.key != "" && m.accounts[a.key] > 1:
			p.Class = DuplicateAccounts
		}
		p.Plan = plans.Plan(l.factsOf(a, p.Class, p.found))
		r.People = append(r.People, p)
	}
	return r
}

// unsaid lists what no list says, and how it is counted.
func (l *lists) unsaid() (sentences []string) {
	say := func(absent bool, sentence string) {
		if absent {
			sentences = append(sentences, sentence)
		}
	}
	_, links := l.accounts.about.Under["care_identity"]
	_, kinds := l.accounts.about.Under["kind"]
	_, shared := l.accounts.about.Under["shared"]
	say(!links, "Which accounts are linked already is not said. None is counted as linked.")
	say(!kinds && !shared, "Which accounts are shared is not said. Only addresses of teams show it.")
	_, confirmed := l.accounts.about.Under["email_confirmed"]
	say(!confirmed, "Whether addresses of accounts were confirmed is not said. That takes minutes, when people link.")
	if !l.compared {
		return append(sentences, "There was no list of Care Identities. Everybody is asked about theirs.")
	}
	has := l.identities.has
	say(!has.status, "Which Care Identities are active is not said. All are counted as active.")
	say(!has.verified, "Whether addresses of Care Identities were confirmed is not said. Equal ones are counted as "+
		"confirmed.")
	say(!has.position, "Who has the position for DoS (R8008 with B0166) is not said.")
	say(!has.authenticators && !has.level, "Who has an authenticator is not said.")
	say((has.authenticators || has.level) && !has.approved && l.approvedKinds == 0,
		"Which authenticators organisations approve is not said. Name them: --approved smartcard_internet,security_key")
	return sentences
}

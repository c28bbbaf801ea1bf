package simulation

import (
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout/planning"
	"signpost/internal/dos/signin"
	"signpost/internal/national/path"
)

// Outcome says what becomes of somebody at their next login.
type Outcome string

// The outcomes.
const (
	Enters    Outcome = "enters"     // comes in, by the password where it works, or by the linked Care Identity
	Limited   Outcome = "limited"    // comes in by the password, for some days of work
	Links     Outcome = "links"      // logs in with the Care Identity and links the account first: some minutes
	LockedOut Outcome = "locked_out" // cannot come in until somebody has done something
	Unsure    Outcome = "unsure"     // would have to come in by a Care Identity of which not everything is known
)

// Outcomes lists the outcomes, in the order in which to show them.
func Outcomes() []Outcome { return []Outcome{Enters, Limited, Links, Unsure, LockedOut} }

// Title is what people call the outcome.
func (o Outcome) Title() string {
	return map[Outcome]string{Enters: "Log in as now", Limited: "Log in with the password for some days",
		Links: "Link at their next login", Unsure: "Not known",
		LockedOut: "Locked out"}[o]
}

// What bars somebody besides the steps of their path.
const (
	EndShared           path.What = "shared_account_ends"
	makeCode            path.What = "make_link_code"
	DecideLink          path.What = "decide_link"
	ownAddress          path.What = "own_address"
	ConfirmOrganisation path.What = "confirm_organisation"
)

// Bar is something without which somebody does not come in.
type Bar struct {
	What  path.What
	Owner path.Owner
	Task  string // to the owner, as a line in a list
}

func barOf(what path.What) Bar {
	return map[path.What]Bar{
		EndShared: {EndShared, path.DoSAdministrator,
			"Find out who uses the shared account, and give each of them an account of their own"},
		makeCode: {makeCode, path.DoSAdministrator, "Make a code to link the account without a password"},
		DecideLink: {DecideLink, path.DoSAdministrator,
			"Decide about the link, which waits for somebody to look at it"},
		ownAddress: {ownAddress, path.Person,
			"Enter an address of their own in place of a team's, under Account, Email Id, while they can log in; " +
				"otherwise request another account"},
		ConfirmOrganisation: {ConfirmOrganisation, path.DoSAdministrator,
			"Confirm the organisation of the account, which is not known, once its holder has logged in with the " +
				"Care Identity and said it"},
	}[what]
}

// Facts are what a judgement rests on.
type Facts struct {
	Path        path.Facts // in the phase that is asked about
	Password    bool       // the account has one
	ByMail      bool       // a code that was mailed set it, so it opens the account and links nothing
	Waits       bool       // a link waits for a reviewer
	TeamAddress bool       // the address is a team's
	Retired     bool       // a shared account that opens nothing any more
	Code        bool       // somebody gave a code that links it without its password
	Homeless    bool       // the organisation of the account is not known
	Allowance   int        // days of work on which the password still opens it in Require
	Excepted    bool       // an exception has the password work as in Choose
	Worked      int        // days of work since the wave entered the phase, that of the next login among them
}

// Judgement is what becomes of somebody, and what would have to be done.
type Judgement struct {
	Outcome Outcome
	// Bars are of who is locked out, or of whom nobody knows: what has to be found out; in the order of their path. Of
	// Limited they are what bars them after these days.
	Bars []Bar
	Days int     // working days until the bars are gone, if each owner takes the usual time
	Then Outcome // of Limited: what becomes of them after these days, if nothing changes
}

// needed are the needs without which nobody comes in by a Care Identity. The addresses need not be the same: whoever
// holds the password or a code links anyhow (rule R3).
var needed = []path.Need{path.OwnAccount, path.CareIdentity, path.AccessPosition, path.WorkingAuthenticator}

// Judge says what becomes of somebody at their next login. It decides nothing: whoever logs in is judged anew.
func Judge(f Facts, plans *planning.Planner) Judgement {
	if f.Excepted && f.Path.Account != path.Shared && f.Path.Linked != path.Yes && f.Path.Phase > path.Choose {
		f.Path.Phase = path.Choose
	}
	switch decided := f.password(); {
	case decided.Problem != nil:
	case decided.Limited:
		after := judgeWithout(f, plans)
		return Judgement{Outcome: Limited, Bars: after.Bars, Days: after.Days, Then: after.Outcome}
	default:
		return Judgement{Outcome: Enters}
	}
	return judgeWithout(f, plans)
}

// judgeWithout says what becomes of somebody whose password opens nothing.
func judgeWithout(f Facts, plans *planning.Planner) Judgement {
	if f.Path.Account == path.Shared {
		return lockedOut(plans, barOf(EndShared))
	}
	plan := plans.Plan(f.Path)
	bars, questions := barsOf(plan)
	if f.Path.Linked != path.Yes {
		bars = append(bars, f.linkBars()...)
	} else if f.Waits {
		bars = append(bars, barOf(DecideLink))
	}
	if f.Homeless {
		bars = append(bars, barOf(ConfirmOrganisation))
	}
	switch {
	case len(bars) > 0:
		return lockedOut(plans, bars...)
	case len(questions) > 0:
		return judged(Unsure, plans, questions...)
	case f.Path.Linked == path.Yes:
		return Judgement{Outcome: Enters}
	}
	return Judgement{Outcome: Links}
}

// password decides what the password opens, as at the door.
func (f Facts) password() signin.PasswordDecision {
	linked := f.Path.Linked == path.Yes
	if !f.Password || linked {
		return signin.PasswordDecision{Problem: signin.ErrNoPassword}
	}
	kind := account.Individual
	if f.Path.Account == path.Shared {
		kind = account.Shared
	}
	return signin.DecidePassword(signin.PasswordFacts{Kind: kind, Retired: f.Retired, Linked: linked,
		Phase: f.Path.Phase, Allowance: f.Allowance, Worked: f.Worked})
}

// linkBars gives what prevents somebody from linking who has all else.
func (f Facts) linkBars() (bars []Bar) {
	switch {
	case f.TeamAddress:
		bars = append(bars, barOf(ownAddress))
	case f.Waits:
		bars = append(bars, barOf(DecideLink))
	}
	if (!f.Password || f.ByMail || f.Path.Phase == path.Closed) && !f.Code {
		bars = append(bars, barOf(makeCode))
	}
	return bars
}

// barsOf gives the steps of a plan without which nobody comes in, and what is needed and not known.
func barsOf(plan *planning.Plan) (bars, questions []Bar) {
	for _, s := range plan.Steps {
		if s.What == path.Link || s.What == path.AskLink || !isNeeded(s) {
			continue
		}
		bar := Bar{s.What, s.Owner, s.Task}
		if s.Question {
			questions = append(questions, bar)
			continue
		}
		bars = append(bars, bar)
	}
	return bars, questions
}

func isNeeded(s path.Step) bool {
	if slices.Contains(s.For, path.LinkedAccount) {
		return true // of a link that is broken
	}
	return slices.ContainsFunc(s.For, func(n path.Need) bool { return slices.Contains(needed, n) })
}

func lockedOut(plans *planning.Planner, bars ...Bar) Judgement {
	return judged(LockedOut, plans, bars...)
}

// judged takes owners to work side by side, each at one bar after the other.
func judged(o Outcome, plans *planning.Planner, bars ...Bar) Judgement {
	usual := plans.Days()
	days := map[path.Owner]int{}
	longest := 0
	for _, b := range bars {
		days[b.Owner] += usual[b.Owner]
		longest = max(longest, days[b.Owner])
	}
	return Judgement{Outcome: o, Bars: bars, Days: longest}
}

package breakglass

import (
	"fmt"
	"slices"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/when"
)

// TwoPeople says when two people open emergency rights.
type TwoPeople string

// The rules about two people.
const (
	OutsideHours TwoPeople = "outside-hours"
	Always       TwoPeople = "always"
	Never        TwoPeople = "never"
)

// twoPeople says of each rule when one person opens emergency rights alone: inside and outside office hours. By a rule
// that there is not, nobody does.
var twoPeople = map[TwoPeople]struct{ aloneInside, aloneOutside bool }{
	OutsideHours: {aloneInside: true},
	Always:       {},
	Never:        {aloneInside: true, aloneOutside: true},
}

// Who says who may ask for emergency rights.
type Who string

// The rules about who may ask. All are people with an account of their own who came with their Care Identity.
const (
	Editors Who = "editors"    // whoever may change services somewhere, or open emergency rights
	Holders Who = "permission" // whoever may open emergency rights
	Anybody Who = "anybody"
)

// asking lists by which permissions people may ask, of the rules that ask for one.
var asking = map[Who][]account.Permission{
	Editors: {account.BreakGlass, account.EditCapacity, account.EditService},
	Holders: {account.BreakGlass},
}

// Policy is what an operator decides about emergency rights.
type Policy struct {
	From, To  time.Duration // office hours on workdays, from midnight in London
	TwoPeople TwoPeople
	Lasts     time.Duration
	Who       Who
	Widest    account.ScopeKind // the widest place: a service, a region or everywhere
	Alone     account.ScopeKind // the widest place that one person opens alone
}

const (
	usualFrom  = 8 * time.Hour
	usualTo    = 18 * time.Hour
	usualLasts = 4 * time.Hour
)

// Usual is the policy of an operator who decided nothing.
var Usual = Policy{From: usualFrom, To: usualTo, TwoPeople: OutsideHours, Lasts: usualLasts, Who: Editors,
	Widest: account.KindEverywhere, Alone: account.KindRegion}

// OfficeHours reports whether a time is in office hours: on Monday to Friday, but for bank holidays.
func (p Policy) OfficeHours(c directory.Calendar, at time.Time) bool {
	if c.DayOf(at) > directory.Friday {
		return false
	}
	at = at.In(clock.London)
	sinceMidnight := time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
	return sinceMidnight >= p.From && sinceMidnight < p.To
}

// NeedsTwo reports whether two people open emergency rights for a place at a time. A person whose use before nobody has
// reviewed opens no other one alone, whatever the hour and the rule; nor does anybody for a place that is too wide.
func (p Policy) NeedsTwo(c directory.Calendar, at time.Time, place account.ScopeKind, unreviewed bool) bool {
	switch rule := twoPeople[p.TwoPeople]; {
	case unreviewed || !slices.Contains(upTo(p.Alone), place):
		return true
	case p.OfficeHours(c, at):
		return !rule.aloneInside
	default:
		return !rule.aloneOutside
	}
}

// upTo lists the kinds of places that are no wider than one, the narrowest first.
func upTo(widest account.ScopeKind) []account.ScopeKind {
	all := []account.ScopeKind{account.KindService, account.KindRegion, account.KindEverywhere}
	return all[:slices.Index(all, widest)+1]
}

// May reports whether somebody with these rights of their own may ask.
func (p Policy) May(own account.Grants) bool {
	return p.Who == Anybody || slices.ContainsFunc(asking[p.Who], own.Hold)
}

// LastsText says how long emergency rights last: "4 hours".
func (p Policy) LastsText() string {
	minutes := int(p.Lasts / time.Minute)
	switch {
	case minutes == int(time.Hour/time.Minute):
		return "1 hour"
	case minutes%int(time.Hour/time.Minute) == 0:
		return fmt.Sprintf("%d hours", int(p.Lasts/time.Hour))
	}
	return fmt.Sprintf("%d minutes", minutes)
}

// Text says when two people open emergency rights.
func (p Policy) Text() string {
	switch p.TwoPeople {
	case Always:
		return "Two people open them."
	case Never:
		return "One person opens them, unless nobody has reviewed what they did before: then two people do." +
			p.wideText()
	}
	return "On Monday to Friday from " + when.Minute(int(p.From/time.Minute)) + " to " +
		when.Minute(int(p.To/time.Minute)) + ", except bank holidays, one person opens them. At all other times, and " +
		"while nobody has reviewed what somebody did before, two people do." + p.wideText()
}

// wideText says for which places nobody opens them alone.
func (p Policy) wideText() string {
	switch {
	case slices.Contains(upTo(p.Alone), p.Widest):
		return ""
	case p.Alone == account.KindRegion:
		return " For all services everywhere two people always do."
	}
	return " For more than one service and what is below it two people always do."
}

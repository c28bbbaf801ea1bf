package report

import (
	"slices"
	"strconv"
	"time"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/platform/when"
)

// All lists the reports.
func All() []Report { return []Report{users, authenticators, smartcards, positions} }

const day = 24 * time.Hour

// expiryDays are within how many days something may end, of those that reports choose by.
var expiryDays = []int{7, 30, 60, 90}

var whose = []Column{
	{"number", "Number", func(l Line) string { return l.person.UUID }},
	{"", "Name", func(l Line) string { return l.person.FullName() }},
	{"family_name", "", func(l Line) string { return l.person.FamilyName }},
	{"given_name", "", func(l Line) string { return l.person.GivenName }},
	{"organisation", "Organisation", func(l Line) string { return l.person.Organisation }},
	{"user_status", "User", func(l Line) string { return string(l.person.Status) }},
}

func columns(more ...Column) []Column { return append(slices.Clone(whose), more...) }

var userStatus = Filter{"user", "User status", optionsOf(identity.Statuses(), func(s identity.Status) string {
	return string(s)
}, func(l Line, s identity.Status) bool { return l.person.Status == s })}

// optionsOf gives an option for each of several values.
func optionsOf[T ~string](values []T, text func(T) string, chooses func(l Line, value T) bool) (list []Option) {
	for _, v := range values {
		list = append(list, Option{string(v), text(v), func(l Line) bool { return chooses(l, v) }})
	}
	return list
}

// ending chooses by when something ends.
func ending(label string, ends func(l Line) []time.Time) Filter {
	options := []Option{{"ended", "Has ended", func(l Line) bool {
		return slices.ContainsFunc(ends(l), func(at time.Time) bool { return !l.now.Before(at) })
	}}}
	for _, days := range expiryDays {
		options = append(options, Option{strconv.Itoa(days), "Within " + strconv.Itoa(days) + " days",
			func(l Line) bool {
				return slices.ContainsFunc(ends(l), func(at time.Time) bool {
					return l.now.Before(at) && at.Sub(l.now) <= time.Duration(days)*day
				})
			}})
	}
	return Filter{"ends", label, options}
}

func yesOrNo(name, label string, is func(l Line) bool) Filter {
	return Filter{name, label, []Option{
		{"yes", "Yes", is}, {"no", "No", func(l Line) bool { return !is(l) }},
	}}
}

// working lists the authenticators by which somebody can log in.
func (p *person) working(now time.Time) (list []authenticator.Authenticator) {
	for _, a := range p.authenticators {
		until, isCard := p.ends[a.ID]
		if a.Status == authenticator.Active && (!isCard || now.Before(until)) {
			list = append(list, a)
		}
	}
	return list
}

func unused(a authenticator.Authenticator) bool { return a.Used.IsZero() }

func inForce(l Line) (list []access.Assignment) {
	for _, a := range l.person.held {
		if a.InForce(l.now) {
			list = append(list, a)
		}
	}
	return list
}

func cardEnds(l Line) (list []time.Time) {
	for _, a := range l.person.authenticators {
		if until, is := l.person.ends[a.ID]; is {
			list = append(list, until)
		}
	}
	return list
}

func text(is bool) string {
	if is {
		return "yes"
	}
	return "no"
}

var users = Report{
	Name: "users", Title: "Users", Act: permission.ReportUsers,
	About: "Everybody who is registered: who has no authenticator, only one, or one that they never used.",
	Columns: columns(
		Column{"email", "", func(l Line) string { return l.person.Email }},
		Column{"verified", "Documents seen", func(l Line) string { return text(l.person.Verified) }},
		Column{"authenticators", "Authenticators that work", func(l Line) string {
			return strconv.Itoa(len(l.person.working(l.now)))
		}},
		Column{"positions", "Positions in force", func(l Line) string { return strconv.Itoa(len(inForce(l))) }},
	),
	Filters: []Filter{
		userStatus,
		{"has", "Authenticators that work", []Option{
			{"none", "None", func(l Line) bool { return len(l.person.working(l.now)) == 0 }},
			{"one", "Only one", func(l Line) bool { return len(l.person.working(l.now)) == 1 }},
			{"more", "Two or more", func(l Line) bool { return len(l.person.working(l.now)) > 1 }},
			{"unused", "At least one, and none was ever used", func(l Line) bool {
				all := l.person.working(l.now)
				return len(all) > 0 && !slices.ContainsFunc(all, func(a authenticator.Authenticator) bool {
					return !unused(a)
				})
			}},
		}},
		yesOrNo("email", "Has an email address", func(l Line) bool { return l.person.Email != "" }),
		yesOrNo("verified", "Documents were seen", func(l Line) bool { return l.person.Verified }),
		yesOrNo("position", "Has a position in force", func(l Line) bool { return len(inForce(l)) > 0 }),
		ending("Smartcard ends", cardEnds),
	},
	lines: func(p *person, now time.Time) []Line { return []Line{{person: p, now: now}} },
}

// each gives a line for each authenticator of somebody, or for each of their smartcards.
func each(cards bool) func(p *person, now time.Time) []Line {
	return func(p *person, now time.Time) (list []Line) {
		for _, a := range p.authenticators {
			if _, isCard := p.ends[a.ID]; isCard || !cards {
				list = append(list, Line{person: p, one: a, now: now})
			}
		}
		return list
	}
}

var ofAuthenticator = []Column{
	{"kind", "Kind", func(l Line) string { return l.one.Kind.Label() }},
	{"level", "Level", func(l Line) string { return l.one.Level.String() }},
	{"status", "Status", func(l Line) string { return string(l.one.Status) }},
	{"added", "Added", func(l Line) string { return when.Date(l.one.BoundAt) }},
	{"used", "Ever used", func(l Line) string { return text(!unused(l.one)) }},
}

var authenticatorStatus = Filter{"status", "Status", optionsOf(
	[]authenticator.Status{authenticator.Active, authenticator.Suspended},
	func(s authenticator.Status) string { return string(s) },
	func(l Line, s authenticator.Status) bool { return l.one.Status == s },
)}

var everUsed = yesOrNo("used", "Was ever used", func(l Line) bool { return !unused(l.one) })

var authenticators = Report{
	Name: "authenticators", Title: "Authenticators", Act: permission.ReportRest,
	About:   "Each authenticator that was not removed, smartcards among them.",
	Columns: columns(ofAuthenticator...),
	Filters: []Filter{userStatus, authenticatorStatus, everUsed},
	lines:   each(false),
}

var smartcards = Report{
	Name: "smartcards", Title: "Smartcards", Act: permission.ReportCards,
	About: "Each smartcard that was not cancelled, and when its certificates end.",
	Columns: columns(append(slices.Clone(ofAuthenticator), Column{"ends", "Ends", func(l Line) string {
		return when.Date(l.person.ends[l.one.ID])
	}})...),
	Filters: []Filter{userStatus, authenticatorStatus, everUsed,
		ending("Ends", func(l Line) []time.Time { return []time.Time{l.person.ends[l.one.ID]} })},
	lines: each(true),
}

func state(l Line) string {
	switch {
	case l.held.Over(l.now):
		return "ended"
	case l.held.InForce(l.now):
		return "in force"
	}
	return "to come"
}

var positions = Report{
	Name: "positions", Title: "Positions", Act: permission.ReportPositions,
	About: "Each position that somebody has, will have or had, of whatever organisation.",
	Columns: columns(
		Column{"position", "Position", func(l Line) string { return l.held.Position.Name }},
		Column{"position_organisation", "At", func(l Line) string { return l.held.Position.Organisation }},
		Column{"roles", "Roles", func(l Line) string { return l.held.RolesText() }},
		Column{"starts", "Starts", func(l Line) string { return when.Date(l.held.Starts) }},
		Column{"ends", "Last day", func(l Line) string {
			if l.held.Ends.IsZero() {
				return ""
			}
			return when.LastDay(l.held.Ends)
		}},
		Column{"state", "State", state},
	),
	Filters: []Filter{
		userStatus,
		{"state", "State", optionsOf([]string{"in force", "to come", "ended"}, func(s string) string { return s },
			func(l Line, s string) bool { return state(l) == s })},
		ending("Ends", func(l Line) (list []time.Time) {
			if !l.held.Ends.IsZero() {
				list = append(list, l.held.Ends)
			}
			return list
		}),
	},
	lines: func(p *person, now time.Time) (list []Line) {
		for _, a := range p.held {
			list = append(list, Line{person: p, held: a, now: now})
		}
		return list
	},
}

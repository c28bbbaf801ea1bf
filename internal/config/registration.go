package config

import (
	"fmt"
	"regexp"
	"time"
)

// Registration says who may do what at the registration authorities of the care identity side, where the published
// matrix leaves it open.
type Registration struct {
	AdvancedAgent string `koanf:"advanced_agent"` // code of the activity, or job role, of advanced agents
	CardUnlocker  string `koanf:"card_unlocker"`  // code of the activity, or job role, of those who unlock smartcards

	AgentsBindAuthenticators bool `koanf:"agents_bind_authenticators"` // agents add and remove people's authenticators
	AgentsChangeSeveral      bool `koanf:"agents_change_several"`      // agents change several positions at once
	SponsorsChangeSeveral    bool `koanf:"sponsors_change_several"`    // sponsors do, of those assignable to them

	AlwaysAAL3 bool `koanf:"always_aal3"` // they log in at AAL3, those too who have no authenticator for that

	TwoPeople bool `koanf:"two_people"` // it takes two to give somebody a job at a registration authority

	TwoPeopleBatches bool `koanf:"two_people_batches"` // it takes two to do something to many people at once

	Days int `koanf:"days"` // working days until what somebody waits for is due
}

// The codes of the two jobs are not public; these are ours.
const (
	usualAdvancedAgent = "B9801"
	usualCardUnlocker  = "B9802"

	usualDays = 5
	maxDays   = 60 // beyond that nothing is ever late
)

func usualRegistration() Registration {
	return Registration{AdvancedAgent: usualAdvancedAgent, CardUnlocker: usualCardUnlocker, TwoPeople: true,
		Days: usualDays, TwoPeopleBatches: true}
}

var nationalCode = regexp.MustCompile(`^[BR][0-9]{4}$`)

func (r Registration) check() (problems []error) {
	for name, code := range map[string]string{"advanced_agent": r.AdvancedAgent, "card_unlocker": r.CardUnlocker} {
		if !nationalCode.MatchString(code) {
			problems = append(problems, fmt.Errorf("registration.%s: %q must be the code of an activity like B9801, "+
				"or of a job role like R9801", name, code))
		}
	}
	if r.AdvancedAgent == r.CardUnlocker {
		problems = append(problems, fmt.Errorf(
			"registration.advanced_agent: %q is registration.card_unlocker too; they must differ", r.AdvancedAgent))
	}
	if r.Days < 1 || r.Days > maxDays {
		problems = append(problems, fmt.Errorf("registration.days: %d must be from 1 to %d", r.Days, maxDays))
	}
	return problems
}

// Apply says how long things last in Apply for Care ID.
type Apply struct {
	LinkDays       int `koanf:"link_days"`       // the link in an invitation
	PictureDays    int `koanf:"picture_days"`    // pictures of documents and answers, after the decision; 0: gone at once
	UnfinishedDays int `koanf:"unfinished_days"` // an application that nobody finished, after its link has ended
	DecidedDays    int `koanf:"decided_days"`    // who applied and what was decided, after the decision
}

const (
	usualLinkDays       = 14
	usualUnfinishedDays = 30
	maxLinkDays         = 90
)

func usualApply() Apply {
	return Apply{LinkDays: usualLinkDays, UnfinishedDays: usualUnfinishedDays, DecidedDays: usualRetentionDays}
}

// Link is how long the link in an invitation works.
func (a Apply) Link() time.Duration { return time.Duration(a.LinkDays) * aDay }

// Pictures is how long pictures and answers are kept after the decision.
func (a Apply) Pictures() time.Duration { return time.Duration(a.PictureDays) * aDay }

// Unfinished is how long an application is kept that nobody finished, after its link has ended.
func (a Apply) Unfinished() time.Duration { return time.Duration(a.UnfinishedDays) * aDay }

// Decided is how long an application is kept after the decision.
func (a Apply) Decided() time.Duration { return time.Duration(a.DecidedDays) * aDay }

func (a Apply) check() (problems []error) {
	if a.LinkDays < 1 || a.LinkDays > maxLinkDays {
		problems = append(problems, fmt.Errorf("apply.link_days: %d must be from 1 to %d", a.LinkDays, maxLinkDays))
	}
	if a.PictureDays < 0 || a.PictureDays > a.DecidedDays {
		problems = append(problems, fmt.Errorf("apply.picture_days: %d must be from 0 to apply.decided_days, %d",
			a.PictureDays, a.DecidedDays))
	}
	if a.UnfinishedDays < 1 || a.DecidedDays < 1 {
		problems = append(problems, fmt.Errorf("apply.unfinished_days, %d, and decided_days, %d, must be 1 or more",
			a.UnfinishedDays, a.DecidedDays))
	}
	return problems
}

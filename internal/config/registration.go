package config

import (
	"fmt"
	"regexp"
)

// Registration says who may do what at the registration authorities of the care identity side, where the published
// matrix leaves it open.
type Registration struct {
	AdvancedAgent string `koanf:"advanced_agent"` // code of the activity, or job role, of advanced agents
	CardUnlocker  string `koanf:"card_unlocker"`  // code of the activity, or job role, of those who unlock smartcards

	AgentsBindAuthenticators bool `koanf:"agents_bind_authenticators"` // agents add and remove people's authenticators
	AgentsChangeSeveral      bool `koanf:"agents_change_several"`      // agents change several positions at once
	SponsorsChangeSeveral    bool `koanf:"sponsors_change_several"`    // sponsors do, of those assignable to them

	TwoPeople bool `koanf:"two_people"` // it takes two to give somebody a job at a registration authority
}

// The codes of the two jobs are not public; these are ours.
const (
	usualAdvancedAgent = "B9801"
	usualCardUnlocker  = "B9802"
)

func usualRegistration() Registration {
	return Registration{AdvancedAgent: usualAdvancedAgent, CardUnlocker: usualCardUnlocker, TwoPeople: true}
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
	return problems
}

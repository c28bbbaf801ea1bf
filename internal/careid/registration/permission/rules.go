package permission

import (
	"slices"

	"signpost/internal/national/rbac"
)

// Rules are what whoever runs the system decides about the matrix. The zero value of a rule that widens a cell keeps it
// narrow.
type Rules struct {
	// The codes of jobs that are not public: an activity, or a job role.
	AdvancedAgent string `json:"advanced_agent"` // an activity makes an agent an advanced one
	CardUnlocker  string `json:"card_unlocker"`

	AgentsBindAuthenticators bool `json:"agents_bind_authenticators"`
	AgentsChangeSeveral      bool `json:"agents_change_several"`
	SponsorsChangeSeveral    bool `json:"sponsors_change_several"`

	// AlwaysAAL3 keeps everybody out of the acts of a registration authority who has not logged in at AAL3; otherwise
	// only those who have an authenticator for that.
	AlwaysAAL3 bool `json:"always_aal3"`

	// OnePersonGivesJobs lets one person give the jobs of a registration authority, where two do otherwise.
	OnePersonGivesJobs bool `json:"one_person_gives_jobs"`

	// OnePersonDoesBatches lets one person do something to many people, where a second one approves it otherwise.
	OnePersonDoesBatches bool `json:"one_person_does_batches"`
}

// The codes of jobs that are not public are ours, unless others are configured.
const (
	UsualAdvancedAgent = "B9801"
	UsualCardUnlocker  = "B9802"
)

// Usual are the rules where nobody says otherwise.
func Usual() Rules { return Rules{AdvancedAgent: UsualAdvancedAgent, CardUnlocker: UsualCardUnlocker} }

// JobsOf lists the jobs that one role profile makes somebody, the highest first: its role and the activities that it
// has in effect count together, and never with those of another.
func (r Rules) JobsOf(role string, activities []string) (list []Job) {
	job := ""
	if parsed, err := rbac.ParseRole(role); err == nil {
		job = parsed.Job
	}
	has := func(code string) bool { return code != "" && (job == code || rbac.HasActivity(activities, code)) }
	switch {
	case job == rbac.RegistrationManager:
		list = append(list, Manager)
	case job == rbac.RegistrationAgent && has(r.AdvancedAgent), job != "" && job == r.AdvancedAgent:
		list = append(list, AdvancedAgent)
	case job == rbac.RegistrationAgent:
		list = append(list, Agent)
	}
	for code, j := range map[string]Job{
		rbac.ApproveRequests: Sponsor, rbac.CheckIdentity: IDChecker, r.CardUnlocker: CardUnlocker,
	} {
		if has(code) {
			list = append(list, j)
		}
	}
	slices.SortFunc(list, func(a, b Job) int { return a.Rank() - b.Rank() })
	return list
}

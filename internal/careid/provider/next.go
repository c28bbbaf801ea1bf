package provider

import (
	"encoding/json"
	"slices"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/careid/provider/request"
	sso "signpost/internal/careid/provider/session"
	"signpost/internal/national/authn"
)

// State is one sign-in under way, as it is stored.
type State struct {
	Request   request.Request       `json:"request"`
	Posted    bool                  `json:"posted,omitempty"`   // stored by POST authorize; its GET comes next
	Chosen    authn.Kind            `json:"chosen,omitempty"`   // of authenticator
	Ceremony  json.RawMessage       `json:"ceremony,omitempty"` // under way, as the chosen kind's method keeps it
	Proven    *authenticator.Proven `json:"proven,omitempty"`
	SID       string                `json:"sid,omitempty"`     // the SSO session
	Session   string                `json:"session,omitempty"` // its row
	Roles     []claim.Role          `json:"roles,omitempty"`   // those to choose from
	Role      string                `json:"role,omitempty"`    // the one chosen
	RoleKnown bool                  `json:"role_known,omitempty"`
	Browser   string                `json:"browser,omitempty"`  // its family, as the person knows it
	Stronger  []authn.Kind          `json:"stronger,omitempty"` // authenticators of whoever is signed in that would do
	Fallen    Reason                `json:"fallen,omitempty"`   // why it cannot go on
	Reference string                `json:"reference,omitempty"`
	// What is known of the person who was refused: what they have that would do instead, and where they work.
	Suitable   []authn.Kind `json:"suitable,omitempty"`
	Workplaces []string     `json:"workplaces,omitempty"`
}

// Reason says why a sign-in cannot go on. It is shown on a page of its own.
type Reason string

// The reasons.
const (
	NoAuthenticator Reason = "no-authenticator" // none of the kinds that would do can be used here
	Inactive        Reason = "inactive"         // the care identity is not active
	LevelTooLow     Reason = "level-too-low"    // what was proved is worth less than the service asks for
	NotApproved     Reason = "not-approved"     // the person's organisation has not approved this kind
	WrongPerson     Reason = "wrong-person"     // the service asked for somebody else
	Cancelled       Reason = "cancelled"        // the person, or the authenticator, broke off
	Locked          Reason = "locked"           // the authenticator had too many wrong tries
	Unusable        Reason = "unusable"         // the authenticator is suspended or removed
	UnknownKey      Reason = "unknown-key"      // the authenticator is not registered here
	NoScript        Reason = "no-script"        // the browser ran no script to ask the authenticator
	Unsupported     Reason = "unsupported"      // the browser cannot ask the authenticator
)

// Reasons are all of them.
var Reasons = []Reason{
	NoAuthenticator, Inactive, LevelTooLow, NotApproved, WrongPerson, Cancelled, Locked, Unusable, UnknownKey,
	NoScript, Unsupported,
}

// Step is what a sign-in needs next.
type Step string

// The steps.
const (
	StepChoose Step = "choose" // which authenticator
	StepProve  Step = "prove"  // by the authenticator chosen; its pages know how
	StepRole   Step = "role"   // which role
	StepDone   Step = "done"   // the service gets its code
	StepRefuse Step = "refuse" // a page says why not
	StepReturn Step = "return" // the service is told, without a page
)

// Next says what comes next, where authenticators of the provable kinds can be proved. It is the only place that does.
func Next(s State, provable []authn.Kind) Step {
	switch {
	case s.Fallen != "" && s.Request.Silent:
		return StepReturn
	case s.Fallen != "":
		return StepRefuse
	case s.Proven == nil:
		return nextProof(s, provable)
	case !s.Request.Asked().Met(s.Proven.Kind, s.Proven.Level):
		return silently(s, StepRefuse)
	case s.Request.WantsRole() && !s.RoleKnown && len(s.Roles) > 1:
		return silently(s, StepRole)
	}
	return StepDone
}

func nextProof(s State, provable []authn.Kind) Step {
	offered := s.offered(provable)
	switch {
	case s.Request.Silent:
		return StepReturn
	case len(offered) == 0:
		return StepRefuse
	case !slices.Contains(offered, s.Chosen):
		return StepChoose
	}
	return StepProve
}

// offered gives those of the kinds with which the request would be met.
func (s State) offered(provable []authn.Kind) []authn.Kind {
	return slices.DeleteFunc(slices.Clone(provable), func(k authn.Kind) bool { return !s.Request.Offers(k) })
}

func silently(s State, page Step) Step {
	if s.Request.Silent {
		return StepReturn
	}
	return page
}

// Why gives the reason of StepRefuse.
func (s State) Why() Reason {
	switch {
	case s.Fallen != "":
		return s.Fallen
	case s.Proven != nil:
		return LevelTooLow
	}
	return NoAuthenticator
}

// StepsUp reports whether somebody who is signed in is asked for more than they have proved.
func (s State) StepsUp() bool { return s.SID != "" && s.Proven == nil }

// silentError is what a service is told that wanted no page and cannot be served without.
func (s State) silentError() *request.Error {
	if s.SID == "" {
		return request.LoginRequired
	}
	return request.InteractionRequired
}

// resume takes from a live SSO session what will do for the request. A proof that is too old, worth too
// little, or another person's than was asked for, is left: the person proves themselves again.
func (s *State) resume(sid, row string, had sso.State, now time.Time) {
	if !s.Request.FreshEnough(had.Proven.At, now) || !s.Request.Takes(had.Proven.UUID) {
		return
	}
	s.SID = sid
	s.Session = row
	if !s.Request.Asked().Met(had.Proven.Kind, had.Proven.Level) {
		return
	}
	proven := had.Proven
	s.Proven = &proven
	if had.RoleKnown && !s.Request.ChangesRole() {
		s.chooseRole(had.Role)
	}
}

// offerRoles keeps the roles to choose from. One is chosen silently, and none is no role.
func (s *State) offerRoles(roles []claim.Role) {
	if !s.Request.WantsRole() {
		return
	}
	held := func(id string) bool { return slices.ContainsFunc(roles, func(r claim.Role) bool { return r.ID == id }) }
	if asked := s.Request.Claims.RoleID; held(asked) {
		s.chooseRole(asked)
		return
	}
	if s.RoleKnown && (s.Role == "" || held(s.Role)) {
		return
	}
	s.Roles = roles
	s.Role = ""
	s.RoleKnown = false
	if len(roles) == 1 {
		s.chooseRole(roles[0].ID)
	}
	if len(roles) == 0 {
		s.RoleKnown = true
	}
}

func (s *State) chooseRole(id string) {
	s.Role = id
	s.RoleKnown = true
}

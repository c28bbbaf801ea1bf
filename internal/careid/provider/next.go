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

// State is the stored state of a sign-in under way.
type State struct {
	Request    request.Request       `json:"request"`
	Posted     bool                  `json:"posted,omitempty"`   // stored by POST authorize; its GET comes next
	Chosen     authn.Kind            `json:"chosen,omitempty"`   // the kind of authenticator
	Prompted   authn.Kind            `json:"prompted,omitempty"` // the kind that the page of the choice asks for
	Email      string                `json:"email,omitempty"`    // that was typed with the choice
	Ceremony   json.RawMessage       `json:"ceremony,omitempty"` // under way, in the format of the chosen kind's method
	Answers    authenticator.Answers `json:"answers,omitzero"`
	Proven     *authenticator.Proven `json:"proven,omitempty"`
	SID        string                `json:"sid,omitempty"`     // the SSO session
	Session    string                `json:"session,omitempty"` // its row
	Roles      []claim.Role          `json:"roles,omitempty"`   // to choose from
	Role       string                `json:"role,omitempty"`    // the chosen one
	RoleKnown  bool                  `json:"role_known,omitempty"`
	Browser    string                `json:"browser,omitempty"`  // its family, as the person knows it
	Confirm    bool                  `json:"confirm,omitempty"`  // it is asked first whether the session is theirs
	FirstVisit bool                  `json:"meets,omitempty"`    // the person never logged in to the service before
	Finished   bool                  `json:"finished,omitempty"` // the service got its answer; who comes again is told
	Stronger   []authn.Kind          `json:"stronger,omitempty"` // authenticators of whoever is signed in that would do
	Afresh     bool                  `json:"afresh,omitempty"`   // they are signed in, and have to prove it again
	Refused    Reason                `json:"fallen,omitempty"`   // why it cannot go on
	Reference  string                `json:"reference,omitempty"`
	// Of the person who was refused: the authenticators that would be enough instead, and where they work.
	Suitable   []authn.Kind `json:"suitable,omitempty"`
	Workplaces []string     `json:"workplaces,omitempty"`
	Until      time.Time    `json:"until,omitzero"` // when the lock of the authenticator ends that was refused
}

// Reason is the reason why a sign-in cannot go on. Each has a page of its own.
type Reason string

// The reasons.
const (
	NoAuthenticator Reason = "no-authenticator" // none of the kinds that would be enough can be used here
	Inactive        Reason = "inactive"         // the care identity is not active
	LevelTooLow     Reason = "level-too-low"    // the service asks for a higher level than was proved
	NotApproved     Reason = "not-approved"     // the person's organisation has not approved this kind
	WrongPerson     Reason = "wrong-person"     // the service asked for somebody else
	Cancelled       Reason = "cancelled"        // the person or the authenticator cancelled
	Locked          Reason = "locked"           // the authenticator had too many wrong attempts
	Unusable        Reason = "unusable"         // the authenticator is suspended or removed
	UnknownKey      Reason = "unknown-key"      // the authenticator is not registered here, or may not be used
	NoScript        Reason = "no-script"        // the browser ran no script to ask the authenticator
	Unsupported     Reason = "unsupported"      // the browser cannot ask the authenticator
	OnTrial         Reason = "on-trial"         // the service is not approved, and the person is not of its team
)

// Step is the next step of a sign-in.
type Step string

// The steps.
const (
	StepConfirm Step = "confirm" // the person says whether the session of a shared browser is theirs
	StepChoose  Step = "choose"  // the person chooses an authenticator
	StepProve   Step = "prove"   // the person proves who they are, on the pages of the chosen kind
	StepRole    Step = "role"    // the person chooses a role
	StepMeet    Step = "meet"    // a page says whose service it is, to which the person never logged in before
	StepDone    Step = "done"    // the service gets its code
	StepRefuse  Step = "refuse"  // a page shows why the sign-in cannot go on
	StepReturn  Step = "return"  // the service gets an error, without a page
	StepOver    Step = "over"    // it went on already, from another request of the browser
)

// Next decides the next step of a sign-in. provable are the kinds of authenticator that can be proved here. Nothing
// else decides this.
func Next(s State, provable []authn.Kind) Step {
	switch {
	case s.Finished:
		return StepOver
	case s.Refused != "" && s.Request.Silent:
		return StepReturn
	case s.Refused != "":
		return StepRefuse
	case s.Proven == nil:
		return nextProof(s, provable)
	case s.Confirm:
		return StepConfirm
	case !s.Request.WantedClass().Met(s.Proven.Kind, s.Proven.Level):
		return unlessSilent(s, StepRefuse)
	case s.Request.WantsRole() && !s.RoleKnown && len(s.Roles) > 1:
		return unlessSilent(s, StepRole)
	case s.FirstVisit:
		return unlessSilent(s, StepMeet)
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

// offered lists the provable kinds that are enough for the request.
func (s State) offered(provable []authn.Kind) []authn.Kind {
	return slices.DeleteFunc(slices.Clone(provable), func(k authn.Kind) bool { return !s.Request.Offers(k) })
}

func unlessSilent(s State, page Step) Step {
	if s.Request.Silent {
		return StepReturn
	}
	return page
}

// RefusedFor returns the reason of StepRefuse.
func (s State) RefusedFor() Reason {
	switch {
	case s.Refused != "":
		return s.Refused
	case s.Proven != nil:
		return LevelTooLow
	}
	return NoAuthenticator
}

// StepsUp reports whether somebody who is signed in has to give a stronger proof.
func (s State) StepsUp() bool { return s.SID != "" && s.Proven == nil }

// silentError is the error for a service that allowed no page although one is needed.
func (s State) silentError() *request.Error {
	if s.SID == "" {
		return request.LoginRequired
	}
	return request.InteractionRequired
}

// resume takes over from a live SSO session what is enough for the request. It does not take a proof that is too old,
// too weak, or of another person than the service asks for: the person then has to prove again who they are.
func (s *State) resume(sid, row string, session sso.State, now time.Time) {
	if !s.Request.Accepts(session.Proven.UUID) {
		return
	}
	if !s.Request.FreshEnough(session.Proven.At, now) {
		s.Afresh = true
		return
	}
	s.SID = sid
	s.Session = row
	if !s.Request.WantedClass().Met(session.Proven.Kind, session.Proven.Level) {
		return
	}
	proven := session.Proven
	s.Proven = &proven
	if session.RoleKnown && !s.Request.ChangesRole() {
		s.chooseRole(session.Role)
	}
}

// offerRoles stores the roles to choose from. A single role is chosen without asking. Somebody without roles signs in
// without one.
func (s *State) offerRoles(roles []claim.Role) {
	if !s.Request.WantsRole() {
		return
	}
	holds := func(id string) bool { return slices.ContainsFunc(roles, func(r claim.Role) bool { return r.ID == id }) }
	if wanted := s.Request.Claims.RoleID; holds(wanted) {
		s.chooseRole(wanted)
		return
	}
	if s.RoleKnown && (s.Role == "" || holds(s.Role)) {
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

package signin

import (
	"encoding/json"
	"fmt"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
)

// Came is what the event of somebody who came in says about how they did.
type Came struct {
	How How      `json:"how"`
	AMR []string `json:"amr"` // by which authenticator, as CIS2 names it
}

// CameIn reads how somebody came in; false where that is not known any more.
func CameIn(e audit.Entry) (c Came, known bool) {
	if e.Kind != SignedIn {
		return c, false
	}
	if json.Unmarshal(e.After, &c.How) == nil && c.How != "" { // by password
		return c, true
	}
	return c, json.Unmarshal(e.After, &c) == nil && c.How != ""
}

// Refused is what the event of somebody who was not let in says about it.
type Refused struct {
	Outcome Outcome  `json:"outcome"`
	AMR     []string `json:"amr,omitempty"` // by which authenticator they came, as CIS2 names it
}

// RefusedIn reads why somebody was not let in; false where that is not known any more. Events of before have the
// outcome alone.
func RefusedIn(e audit.Entry) (r Refused, known bool) {
	if e.Kind != NotIn && e.Kind != PasswordOver {
		return r, false
	}
	if json.Unmarshal(e.After, &r.Outcome) == nil && r.Outcome != "" {
		return r, true
	}
	return r, json.Unmarshal(e.After, &r) == nil && r.Outcome != ""
}

// turnedAway makes the event of a right password that did not open an account any more.
func turnedAway(a account.Account, ended error) audit.Event {
	outcome, _ := PasswordsEnded(ended)
	return audit.Event{Kind: PasswordOver, Subject: account.Ref(a.ID), After: outcome}
}

// UnderPhase decides about the right password of an account as the door does, if its wave were in a phase and its
// holder had worked so many days in that: Enter, or why the password does not open the account.
func UnderPhase(a account.Account, of wave.Wave, phase path.Phase, worked int, now time.Time) (Outcome, error) {
	ended := DecidePassword(PasswordFacts{Kind: a.Kind, Retired: a.Retired(now), Phase: phase,
		Allowance: of.Allowance, Worked: worked}).Problem
	if ended == nil {
		return Enter, nil
	}
	outcome, known := PasswordsEnded(ended)
	if !known {
		return "", fmt.Errorf("judge a password: %w", ended)
	}
	return outcome, nil
}

// TurnedAway lists the outcomes of people whose right password did not open their account. A shared account is no
// person: whoever uses it is told long before that it ends.
func TurnedAway() []Outcome { return []Outcome{"care-identity-required", "passwords-ended"} }

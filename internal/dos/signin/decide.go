package signin

import (
	"signpost/internal/national/cis2"
	"signpost/internal/national/rbac"
)

// Outcome is the decision about somebody who signed in at CIS2.
type Outcome string

// The outcomes. Each except Enter has its own page that says what to do next.
const (
	Enter           Outcome = "enter"
	NoAccount       Outcome = "no-account"       // no account is linked to this care identity
	AccountInactive Outcome = "account-inactive" // the linked account was deactivated
	NoPosition      Outcome = "no-position"      // R8008 with B0166 is not held
	IdentityLow     Outcome = "identity-low"     // the identity was not verified to level 3
)

// Facts are the facts that Decide decides by.
type Facts struct {
	Linked        bool // an account is linked to the care identity
	Active        bool // that account is active
	Position      bool // R8008 with B0166 is held in one position
	IdentityLevel int  // 0 to 3
}

// MinIdentityLevel is the identity assurance level that everybody needs to enter (conformance SC Req 002).
const MinIdentityLevel = 3

// Decide decides whether somebody may enter. Their email address plays no part in it (rule R1).
func Decide(f Facts) Outcome {
	switch {
	case f.IdentityLevel < MinIdentityLevel:
		return IdentityLow
	case !f.Linked:
		return NoAccount
	case !f.Active:
		return AccountInactive
	case !f.Position:
		return NoPosition
	}
	return Enter
}

// HoldsPosition reports whether somebody with these roles holds the directory's position.
func HoldsPosition(roles []cis2.NationalRole) bool {
	for _, r := range roles {
		if rbac.DirectoryAccess(r.RoleCode, r.ActivityCodes) {
			return true
		}
	}
	return false
}

package signin

import (
	"slices"
	"strings"

	"signpost/internal/dos/account"
	"signpost/internal/national/cis2"
	"signpost/internal/national/path"
	"signpost/internal/national/rbac"
)

// Outcome is the decision about somebody who signed in at CIS2.
type Outcome string

// The outcomes. Each except Enter has its own page that says what to do next.
const (
	Enter               Outcome = "enter"
	NoAccount           Outcome = "no-account"           // no account is linked to this care identity
	AccountInactive     Outcome = "account-inactive"     // the linked account was deactivated
	Reactivated         Outcome = "reactivated"          // the identity was suspended since the link: it waits
	NoPosition          Outcome = "no-position"          // R8008 with B0166 is not held
	IdentityLow         Outcome = "identity-low"         // the identity was not verified to level 3
	OrganisationUnknown Outcome = "organisation-unknown" // of the account
	OtherOrganisation   Outcome = "other-organisation"   // the position is held, but not where the account belongs
	ChooseRole          Outcome = "choose-role"          // several open the directory, or another was chosen
)

// Refusals lists the outcomes that let nobody in, but for a question that the holder answers at once.
func Refusals() []Outcome {
	return []Outcome{
		NoAccount, AccountInactive, Reactivated, NoPosition, IdentityLow, OrganisationUnknown, OtherOrganisation,
	}
}

// AsksOrganisation reports whether the person is asked where they belong.
func (o Outcome) AsksOrganisation() bool { return o == OrganisationUnknown || o == OtherOrganisation }

// Facts are the facts that Decide decides by.
type Facts struct {
	Linked        bool   // an account is linked to the care identity
	Active        bool   // that account is active
	Reactivated   bool   // the link is from before the identity was suspended, and nobody has approved it since
	Organisation  string // the ODS code of the account's; empty if it is not known
	Roles         []cis2.NationalRole
	Chosen        string // the id of the role that the person chose; empty if they did not
	IdentityLevel int    // 0 to 3
}

// Decision is an outcome, with the role in which somebody enters, or those that they may choose from: whose position
// opens the directory, at the account's organisation if they have one there.
type Decision struct {
	Outcome Outcome
	Role    cis2.NationalRole
	Offered []cis2.NationalRole
}

// MinIdentityLevel is the identity assurance level that everybody needs to enter (conformance SC Req 002).
const MinIdentityLevel = 3

// Decide decides whether somebody may enter. Their email address plays no part in it (rule R1).
func Decide(f Facts) Decision {
	positions := Positions(f.Roles)
	switch {
	case f.IdentityLevel < MinIdentityLevel:
		return Decision{Outcome: IdentityLow}
	case !f.Linked:
		return Decision{Outcome: NoAccount}
	case !f.Active:
		return Decision{Outcome: AccountInactive}
	case f.Reactivated:
		return Decision{Outcome: Reactivated}
	case len(positions) == 0:
		return Decision{Outcome: NoPosition}
	case f.Organisation == "":
		return Decision{Outcome: OrganisationUnknown, Offered: positions}
	}
	here := at(positions, f.Organisation)
	if len(here) == 0 {
		return Decision{Outcome: OtherOrganisation, Offered: positions}
	}
	return chosen(f, here)
}

// chosen decides in which of several roles somebody enters. If they chose another one, they are asked: nobody acts in a
// role that they did not choose. What names no role of theirs chooses none (reference, CIS2 §7).
func chosen(f Facts, here []cis2.NationalRole) Decision {
	for _, role := range here {
		if role.PersonRoleID == f.Chosen {
			return Decision{Outcome: Enter, Role: role}
		}
	}
	if len(here) > 1 || f.Chosen != "" && holds(f.Roles, f.Chosen) {
		return Decision{Outcome: ChooseRole, Offered: here}
	}
	return Decision{Outcome: Enter, Role: here[0]}
}

func holds(roles []cis2.NationalRole, id string) bool {
	return slices.ContainsFunc(roles, func(r cis2.NationalRole) bool { return r.PersonRoleID == id })
}

// Positions gives the roles that are the directory's position: R8008 and B0166 in the same role profile.
func Positions(roles []cis2.NationalRole) (positions []cis2.NationalRole) {
	for _, r := range roles {
		if rbac.DirectoryAccess(r.RoleCode, r.ActivityCodes) {
			positions = append(positions, r)
		}
	}
	return positions
}

// HoldsPosition reports whether somebody with these roles holds the directory's position.
func HoldsPosition(roles []cis2.NationalRole) bool { return len(Positions(roles)) > 0 }

// PasswordFacts are the facts that DecidePassword decides by, about an account of which somebody has the password.
type PasswordFacts struct {
	Kind      account.Kind
	Retired   bool // a shared account that opens nothing any more
	Linked    bool
	Phase     path.Phase // of its wave
	Allowance int        // days of work on which the password still opens it in Require
	Worked    int        // days of work since its wave entered the phase, this one among them
}

// PasswordDecision is what a password opens.
type PasswordDecision struct {
	Problem     error // why it opens nothing; nil if it opens the account
	Limited     bool  // it does so for some days of work only
	Left        int   // how many these are after this one
	ReadingOnly bool  // nothing can be changed on the last one
}

// DecidePassword decides what the right password of an account opens: everything until the wave asks for Care Identity,
// then for some days of work the account, and on the last of them for looking alone.
func DecidePassword(f PasswordFacts) PasswordDecision {
	own := f.Kind == account.Individual && !f.Linked
	switch {
	case f.Phase < path.Require && !f.Retired:
		return PasswordDecision{}
	case f.Kind == account.Shared:
		return PasswordDecision{Problem: ErrSharedEnded}
	case f.Phase == path.Require && own && f.Allowance > 0 && f.Worked <= f.Allowance:
		left := f.Allowance - f.Worked
		return PasswordDecision{Limited: true, Left: left, ReadingOnly: left == 0}
	case f.Phase == path.Require:
		return PasswordDecision{Problem: ErrRequire}
	}
	return PasswordDecision{Problem: ErrClosed}
}

// at gives the roles that are held at an organisation.
func at(roles []cis2.NationalRole, organisation string) (here []cis2.NationalRole) {
	for _, r := range roles {
		if sameOrganisation(r.OrgCode, organisation) {
			here = append(here, r)
		}
	}
	return here
}

// sameOrganisation reports whether two ODS codes are the same, which are written in capitals but not everywhere.
func sameOrganisation(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// Package usable says whether a Care Identity can be used at CIS2 now and, if not, what is missing and who can do
// something about it.
package usable

import (
	"context"
	"fmt"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
)

// Facts are what using an identity at CIS2 rests on.
type Facts struct {
	Status         identity.Status
	Organisational bool // no person's: it has no documents that could be seen
	Verified       bool
	Authenticators int // that work and that the organisations of the person have approved
	Unapproved     int // that would work, had one of the organisations approved their kind
	Positions      int // that are in force now
}

// Missing is one thing that an identity lacks to be used at CIS2.
type Missing struct {
	What string
	Cure string // for somebody of the registration authority
	Own  string // for the owner of the identity
}

// Usable reports whether the identity can be used at CIS2.
func (f Facts) Usable() bool { return len(f.Missing()) == 0 }

// Missing lists what the identity lacks, in the order in which it is best mended.
func (f Facts) Missing() (list []Missing) {
	if m, lacks := notActive[f.Status]; lacks {
		list = append(list, m)
	}
	if !f.Verified && !f.Organisational {
		list = append(list, Missing{
			What: "Nobody has seen identity documents", Cure: "Verify their identity with three documents.",
			Own: "Show three identity documents to your registration authority.",
		})
	}
	switch {
	case f.Authenticators > 0:
	case f.Unapproved > 0:
		list = append(list, Missing{
			What: "No authenticator is approved by the organisation",
			Cure: "Add one of a kind that it has approved, or have a manager approve the kind.",
			Own:  "Ask your registration authority for one that your organisation has approved.",
		})
	default:
		list = append(list, Missing{
			What: "No authenticator works", Cure: "Make a link to add one, or unlock the one that is locked.",
			Own: "Ask your registration authority for one.",
		})
	}
	if f.Positions == 0 {
		list = append(list, Missing{
			What: "No position is in force", Cure: "Give the position that they need.",
			Own: "Ask your registration authority for the position that you need.",
		})
	}
	return list
}

// notActive is what is missing in each status but the active one.
var notActive = map[identity.Status]Missing{
	identity.Pending: {
		What: "It is not active yet", Cure: "Activate it.", Own: "Ask your registration authority to activate it.",
	},
	identity.Suspended: {
		What: "It is suspended", Cure: "Make it active again, if the person may use it.",
		Own: "Ask your registration authority why.",
	},
	identity.Closing: {
		What: "It is being closed", Cure: "Wait until everything has ended. You can reopen it then.",
		Own: "Ask your registration authority why.",
	},
	identity.Closed: {
		What: "It is closed", Cure: "Reopen it, if the person came back.",
		Own: "Ask your registration authority to reopen it.",
	},
}

// Of gathers the facts about an identity.
func Of(ctx context.Context, r db.R, i identity.Identity) (f Facts, err error) {
	f = Facts{Status: i.Status, Verified: i.Verified, Organisational: i.Kind.Organisational()}
	held, err := access.OfIdentity(ctx, r, i.UUID)
	if err != nil {
		return f, err
	}
	for _, a := range held {
		if a.InForce(r.Now()) {
			f.Positions++
		}
	}
	policies, err := organisation.PoliciesAt(ctx, r,
		access.Workplaces(access.Effective(held, r.Now()), i.Organisation))
	if err != nil {
		return f, err
	}
	bound, err := authenticator.OfIdentity(ctx, r, i.UUID)
	if err != nil {
		return f, err
	}
	for _, a := range bound {
		switch {
		case a.Status != authenticator.Active || a.Locked:
		case policies.Take(a.Kind, a.Model):
			f.Authenticators++
		default:
			f.Unapproved++
		}
	}
	return f, nil
}

// Proves reports whether the person has an authenticator that works and that is approved, and says so in words: without
// one a position is worth nothing.
func (f Facts) Proves() (text string, is bool) {
	switch {
	case f.Authenticators == 1:
		return "One that works and is approved", true
	case f.Authenticators > 1:
		return fmt.Sprintf("%d that work and are approved", f.Authenticators), true
	case f.Unapproved > 0:
		return "None that their organisation has approved", false
	}
	return "None that works", false
}

// Text says in one line whether the identity can be used.
func (f Facts) Text() string {
	switch n := len(f.Missing()); n {
	case 0:
		return "Can be used at CIS2"
	case 1:
		return "Cannot be used at CIS2 yet: 1 thing is missing"
	default:
		return fmt.Sprintf("Cannot be used at CIS2 yet: %d things are missing", n)
	}
}

// ManagersBelowAAL3 counts the registration authority managers, and those of them who have no authenticator by which
// they could log in at AAL3, whatever their organisation has approved.
func ManagersBelowAAL3(ctx context.Context, r db.R) (managers, below int, err error) {
	list, err := access.AllManagers(ctx, r)
	if err != nil {
		return 0, 0, err
	}
	bound, err := authenticator.OfIdentities(ctx, r, list)
	strong := func(a authenticator.Authenticator) bool {
		return a.Level >= authn.AAL3 && a.Status == authenticator.Active
	}
	for _, uuid := range list {
		if !slices.ContainsFunc(bound[uuid], strong) {
			below++
		}
	}
	return len(list), below, err
}

// AtAAL3 reports whether somebody has an authenticator that lets them log in at AAL3: one that is not suspended, and
// that an organisation has approved for which they work.
func AtAAL3(ctx context.Context, r db.R, i identity.Identity) (bool, error) {
	profiles, err := access.RoleProfiles(ctx, r, i.UUID, r.Now())
	if err != nil {
		return false, err
	}
	policies, err := organisation.PoliciesAt(ctx, r, access.Workplaces(profiles, i.Organisation))
	if err != nil {
		return false, err
	}
	bound, err := authenticator.OfIdentity(ctx, r, i.UUID)
	return slices.ContainsFunc(bound, func(a authenticator.Authenticator) bool {
		return a.Level >= authn.AAL3 && a.Status == authenticator.Active && policies.Take(a.Kind, a.Model)
	}), err
}

package registration

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"signpost/internal/careid/access"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration/officer"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// PolicyChange is which authenticators an organisation is to approve.
type PolicyChange struct {
	organisation.Policy
	Before   int    // the number of the decision that was looked at; 0 for none
	Reason   string // why
	Stranded bool   // some people then have no approved authenticator any more, and that was looked at
}

// maxModels is how many models a policy can list.
const maxModels = 200

var (
	errKinds    = fault.OfField("kinds", "Select at least one kind")
	errRule     = fault.OfField("rule", "Select which models are approved")
	errModels   = fault.OfField("models", "Select at least one model, or enter its AAGUID")
	errMany     = fault.OfField("models", fmt.Sprintf("A list can have %d models at most", maxModels))
	errStranded = fault.SayOfField("stranded", fault.Conflict,
		"Tick the box if these people may be left without an approved authenticator")
)

var aaguidPattern = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

// CheckPolicy gives a policy as it is kept, or what is wrong with it at each field. Models may be typed with spaces or
// commas between them, in any case; a rule that lists none has none.
func CheckPolicy(p organisation.Policy) (organisation.Policy, error) {
	checked := organisation.Policy{Kinds: slices.Sorted(slices.Values(p.Kinds)), Rule: p.Rule}
	if len(p.Kinds) == 0 || slices.ContainsFunc(p.Kinds, func(k authn.Kind) bool { return !k.Valid() }) {
		return p, errKinds
	}
	switch p.Rule {
	case organisation.AnyModel:
		return checked, nil
	case organisation.OnlyModels, organisation.ExceptModels:
	default:
		return p, errRule
	}
	between := func(c rune) bool { return strings.ContainsRune(" \t\r\n,;", c) }
	for _, written := range strings.FieldsFunc(strings.ToLower(strings.Join(p.Models, " ")), between) {
		if !aaguidPattern.MatchString(written) {
			return p, fault.OfField("models", fmt.Sprintf("“%s” is not an AAGUID, such as "+
				"2fc0579f-8113-47ea-b116-bb5a8db9202a", written))
		}
		checked.Models = append(checked.Models, written)
	}
	slices.Sort(checked.Models)
	checked.Models = slices.Compact(checked.Models)
	switch n := len(checked.Models); {
	case n == 0:
		return p, errModels
	case n > maxModels:
		return p, errMany
	}
	return checked, nil
}

// SetPolicy sets which authenticators an organisation has approved. Only a manager may do this, and only at an
// organisation that their registration authority serves. Where people are left without any approved authenticator, the
// change has to say that this was looked at.
func SetPolicy(ctx context.Context, d *db.DB, by actor.Actor, code string, c PolicyChange) error {
	policy, err := CheckPolicy(c.Policy)
	if err != nil {
		return err
	}
	reason, err := access.Reason("why", c.Reason, "Enter why")
	if err != nil {
		return err
	}
	if !c.Stranded {
		if err := refuseStranding(ctx, d, by, code, policy); err != nil {
			return err
		}
	}
	return d.Update(ctx, by, func(w *db.W) error {
		about := organisation.Ref(code)
		if _, err := require(ctx, w, permission.LookAfterOrganisation, about, code); err != nil {
			return err
		}
		return organisation.Decide(ctx, w, code, c.Before, policy, reason)
	})
}

// refuseStranding refuses a policy that leaves people without any approved authenticator. Whoever may not decide is
// told nothing of that: the Update that follows refuses them.
func refuseStranding(ctx context.Context, d *db.DB, by actor.Actor, code string, p organisation.Policy) error {
	effect, err := db.Costly(ctx, d, func(r db.R) (Effect, error) {
		may, err := officer.MayAt(ctx, r, by, permission.LookAfterOrganisation, code)
		if err != nil || !may {
			return Effect{}, err
		}
		return EffectOf(ctx, r, code, p)
	})
	if err == nil && effect.Stranded > 0 {
		err = errStranded
	}
	return err
}

package registration

import (
	"cmp"
	"context"
	"maps"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/platform/db"
)

// Effect says whom a policy of an organisation would touch.
type Effect struct {
	Losing   []Losing // those left with the least first, then by name
	Gaining  int      // people who could use an authenticator again
	Stranded int      // of those who lose one: people who are left without any
}

// Losing is somebody who could not use some of their authenticators any more.
type Losing struct {
	Person identity.Identity
	Lost   []authenticator.Authenticator
	Left   int // authenticators that they can still use
}

// effectChunk is how many people are read together.
const effectChunk = 500

// EffectOf says whom a policy would touch if an organisation had it in the place of the one in force: active people who
// are registered there or hold positions there. What their other workplaces have approved they can still use.
func EffectOf(ctx context.Context, r db.R, code string, p organisation.Policy) (e Effect, err error) {
	all, err := peopleAt(ctx, r, code)
	if err != nil {
		return e, err
	}
	for chunk := range slices.Chunk(all, effectChunk) {
		if err := e.add(ctx, r, chunk, code, p); err != nil {
			return e, err
		}
	}
	slices.SortFunc(e.Losing, func(a, b Losing) int {
		return cmp.Or(cmp.Compare(a.Left, b.Left), cmp.Compare(a.Person.FamilyName, b.Person.FamilyName),
			cmp.Compare(a.Person.GivenName, b.Person.GivenName), cmp.Compare(a.Person.UUID, b.Person.UUID))
	})
	return e, nil
}

// add adds what becomes of some people.
func (e *Effect) add(ctx context.Context, r db.R, uuids []string, code string, p organisation.Policy) error {
	people, err := identity.ByUUIDs(ctx, r, uuids)
	if err != nil {
		return err
	}
	bound, err := authenticator.OfIdentities(ctx, r, uuids)
	if err != nil {
		return err
	}
	before, err := policiesOf(ctx, r, people)
	if err != nil {
		return err
	}
	changed := map[string]organisation.Policy{code: p}
	for _, uuid := range uuids {
		if people[uuid].Status == identity.Active && slices.Contains(before.workplaces[uuid], code) {
			e.count(people[uuid], bound[uuid], before.of(uuid, nil), before.of(uuid, changed))
		}
	}
	return nil
}

// count counts what becomes of one person.
func (e *Effect) count(
	person identity.Identity, bound []authenticator.Authenticator, before, after organisation.Policies,
) {
	one := Losing{Person: person}
	gains := false
	for _, a := range bound {
		now := before.Take(a.Kind, a.Model)
		then := after.Take(a.Kind, a.Model)
		switch {
		case a.Status != authenticator.Active:
		case now && !then:
			one.Lost = append(one.Lost, a)
		case then:
			one.Left++
			gains = gains || !now
		}
	}
	if gains {
		e.Gaining++
	}
	if len(one.Lost) == 0 {
		return
	}
	e.Losing = append(e.Losing, one)
	if one.Left == 0 {
		e.Stranded++
	}
}

// workplacesOf are where some people work, with the policies in force there.
type workplacesOf struct {
	workplaces map[string][]string // by the numbers of people
	policies   map[string]organisation.Policy
}

func policiesOf(ctx context.Context, r db.R, people map[string]identity.Identity) (w workplacesOf, err error) {
	held, err := access.OfIdentities(ctx, r, slices.Sorted(maps.Keys(people)))
	if err != nil {
		return w, err
	}
	w.workplaces = map[string][]string{}
	codes := map[string]bool{}
	for uuid, person := range people {
		w.workplaces[uuid] = access.Workplaces(access.Effective(held[uuid], r.Now()), person.Organisation)
		for _, code := range w.workplaces[uuid] {
			codes[code] = true
		}
	}
	w.policies, err = organisation.PoliciesBy(ctx, r, slices.Sorted(maps.Keys(codes)))
	return w, err
}

// of gives the policies that apply to somebody, with others in the place of some.
func (w workplacesOf) of(uuid string, others map[string]organisation.Policy) (list organisation.Policies) {
	for _, code := range w.workplaces[uuid] {
		p, other := others[code]
		if !other {
			p = w.policies[code]
		}
		list = append(list, p)
	}
	return list
}

// ModelsAt counts the authenticators of each model, by AAGUID, of those who are registered at an organisation or hold
// positions there.
func ModelsAt(ctx context.Context, r db.R, code string) (map[string]int, error) {
	all, err := peopleAt(ctx, r, code)
	if err != nil {
		return nil, err
	}
	counts := map[string]int{}
	for chunk := range slices.Chunk(all, effectChunk) {
		bound, err := authenticator.OfIdentities(ctx, r, chunk)
		if err != nil {
			return nil, err
		}
		for _, list := range bound {
			for _, a := range list {
				if a.Model.AAGUID != "" {
					counts[a.Model.AAGUID]++
				}
			}
		}
	}
	return counts, nil
}

// peopleAt lists the numbers of those who are registered at an organisation or hold positions there.
func peopleAt(ctx context.Context, r db.R, code string) ([]string, error) {
	registered, err := identity.NumbersAt(ctx, r, code)
	if err != nil {
		return nil, err
	}
	holders, err := access.HoldersAt(ctx, r, code)
	return slices.Compact(slices.Sorted(slices.Values(slices.Concat(registered, holders)))), err
}

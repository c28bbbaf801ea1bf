package organisation

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// maxSteps limits the walk from parent to parent. A longer chain is a mistake in the data.
const maxSteps = 10

// RegistrationAuthority finds the organisation whose registration authority serves an organisation: itself if it has
// one, else the nearest parent that has one. It returns fault.NotFound if there is none.
func RegistrationAuthority(ctx context.Context, r db.R, code string) (Organisation, error) {
	found, err := RegistrationAuthorities(ctx, r, []string{code})
	if err != nil {
		return Organisation{}, err
	}
	if o, is := found[code]; is {
		return o, nil
	}
	return Organisation{}, errors.Join(fmt.Errorf("registration authority of %s", code), fault.NotFound)
}

// RegistrationAuthorities finds, for each of several organisations by its code, what RegistrationAuthority finds. One
// without an authority is left out. All are walked up from together, a statement for each step.
func RegistrationAuthorities(ctx context.Context, r db.R, codes []string) (map[string]Organisation, error) {
	known := map[string]Organisation{}
	next := slices.Compact(slices.Sorted(slices.Values(codes)))
	for step := 0; step < maxSteps && len(next) > 0; step++ {
		list, err := withCodesIn(ctx, r, next)
		if err != nil {
			return nil, err
		}
		parents := map[string]bool{}
		for _, o := range list {
			known[o.Code] = o
		}
		for _, o := range list {
			if _, is := known[o.RAParent]; o.Contact == "" && o.RAParent != "" && !is {
				parents[o.RAParent] = true
			}
		}
		next = slices.Sorted(maps.Keys(parents))
	}
	found := map[string]Organisation{}
	for _, code := range codes {
		if o, is := authorityOf(known, code); is {
			found[code] = o
		}
	}
	return found, nil
}

// authorityOf walks from an organisation to the nearest that has an authority.
func authorityOf(known map[string]Organisation, code string) (Organisation, bool) {
	for range maxSteps {
		o, is := known[code]
		if !is {
			break
		}
		if o.Contact != "" {
			return o, true
		}
		code = o.RAParent
	}
	return Organisation{}, false
}

// withCodesIn reads the organisations with codes, in no order. Unknown ones are left out.
func withCodesIn(ctx context.Context, r db.R, codes []string) ([]Organisation, error) {
	var a db.Arguments
	list, err := db.All(ctx, r, scanOrganisation, selectOrganisation+` WHERE code IN (`+db.AddEach(&a, codes)+`)`,
		a.List()...)
	if err != nil {
		return nil, fmt.Errorf("read organisations: %w", err)
	}
	return list, nil
}

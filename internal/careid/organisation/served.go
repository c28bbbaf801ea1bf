package organisation

import (
	"context"
	"fmt"

	"signpost/internal/platform/db"
)

// maxServed is how many organisations are looked through for those that a registration authority serves.
const maxServed = 500

// Served lists the organisations that the registration authority of one serves, itself first: those below it, but for
// those with an authority of their own and what is below them. At most 500 of them.
func Served(ctx context.Context, r db.R, code string) ([]Organisation, error) {
	list, err := withCodesIn(ctx, r, []string{code})
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{code: true}
	next := []string{code}
	for step := 0; step < maxSteps && len(next) > 0 && len(list) < maxServed; step++ {
		below, err := directlyBelow(ctx, r, next)
		if err != nil {
			return nil, err
		}
		next = nil
		for _, o := range below {
			if seen[o.Code] || o.Contact != "" {
				continue
			}
			seen[o.Code] = true
			next = append(next, o.Code)
			list = append(list, o)
		}
	}
	return list[:min(len(list), maxServed)], nil
}

func directlyBelow(ctx context.Context, r db.R, codes []string) ([]Organisation, error) {
	var a db.Arguments
	where := ` WHERE ra_parent IN (` + db.AddEach(&a, codes) + `) ORDER BY name, code LIMIT ` + a.Add(maxServed)
	list, err := db.All(ctx, r, scanOrganisation, selectOrganisation+where, a.List()...)
	if err != nil {
		return nil, fmt.Errorf("list organisations served: %w", err)
	}
	return list, nil
}

// Serves reports whether the registration authority of one organisation serves another, walking up from that one. An
// organisation on the way that has an authority of its own is served by that.
func Serves(ctx context.Context, r db.R, authority, code string) (bool, error) {
	for range maxSteps {
		if code == authority {
			return true, nil
		}
		list, err := withCodesIn(ctx, r, []string{code})
		if err != nil {
			return false, err
		}
		if len(list) == 0 || list[0].Contact != "" || list[0].RAParent == "" {
			return false, nil
		}
		code = list[0].RAParent
	}
	return false, nil
}

package hosting

import (
	"context"

	"signpost/internal/careid/organisation"
	"signpost/internal/platform/db"
)

// maxServed is how many organisations are looked through for those that a registration authority serves.
const maxServed = 500

// Served lists the organisations that the registration authority of one serves, itself first: those below it, but for
// those with an authority of their own and what is below them. At most 500 of them.
func Served(ctx context.Context, r db.R, code string) ([]organisation.Organisation, error) {
	k := nothing()
	list, err := k.read(ctx, r, []string{code})
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{code: true}
	next := []string{code}
	for step := 0; step < organisation.MaxHosts && len(next) > 0 && len(list) < maxServed; step++ {
		below, err := organisation.HostedBy(ctx, r, next, maxServed)
		if err != nil {
			return nil, err
		}
		next = nil
		for _, o := range below {
			if !seen[o.Code] {
				next = append(next, o.Code)
			}
		}
		if len(next) == 0 {
			break
		}
		if _, err := k.read(ctx, r, next); err != nil {
			return nil, err
		}
		next = nil
		for _, o := range below {
			if seen[o.Code] || k.authority[o.Code] {
				continue
			}
			seen[o.Code] = true
			next = append(next, o.Code)
			list = append(list, o)
		}
	}
	return list[:min(len(list), maxServed)], nil
}

// Serves reports whether the registration authority of one organisation serves another, walking up from that one. An
// organisation on the way that has an authority of its own is served by that.
func Serves(ctx context.Context, r db.R, authority, code string) (bool, error) {
	k := nothing()
	for range organisation.MaxHosts {
		if code == authority {
			return true, nil
		}
		list, err := k.read(ctx, r, []string{code})
		if err != nil {
			return false, err
		}
		if len(list) == 0 || k.authority[code] || list[0].RAParent == "" {
			return false, nil
		}
		code = list[0].RAParent
	}
	return false, nil
}

package entry

import (
	"slices"

	"signpost/internal/national/authn"
)

// arrange lists the kinds that a request allows in the order in which they are offered, the kind used last first. It
// leaves out the kinds that are not approved, unless none is approved or all are wanted. hidden says whether some are
// left out.
func arrange(offered, approved []authn.Kind, last authn.Kind, all bool) (kinds []authn.Kind, hidden bool) {
	for _, k := range offered {
		if slices.Contains(approved, k) {
			kinds = append(kinds, k)
		}
	}
	if all || len(kinds) == 0 {
		kinds = slices.Clone(offered)
	}
	slices.SortStableFunc(kinds, func(a, b authn.Kind) int {
		switch {
		case a == last && b != last:
			return -1
		case b == last && a != last:
			return 1
		}
		return 0
	})
	return kinds, len(kinds) < len(offered)
}

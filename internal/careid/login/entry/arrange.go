package entry

import (
	"slices"

	"signpost/internal/national/authn"
)

// arrange puts the kinds that a request allows in the order in which they are offered: the last used one
// first, and without those that none of the device's organisations has approved. Where that leaves
// nothing, or all are asked for, all are there. hidden says whether some were left out.
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

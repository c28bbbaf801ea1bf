package rbac

import (
	"maps"
	"slices"
)

// Hierarchy says what the national lists give beside the activities of a role profile. Roles and activities are named
// by their last parts.
type Hierarchy struct {
	Baselines map[string][]string // the activities that come with a role
	Parents   map[string][]string // the activities that come with an activity: whoever has a child has its parents
}

// Rights lists the activities that one role profile has in effect, in order: those of the baseline of its role, those
// that were added to it, and those that stand above one of these in the tree. Rights of one profile never count for
// another. Codes may be whole or only their last part; malformed ones count as absent.
func (h Hierarchy) Rights(role string, activities []string) []string {
	have := map[string]bool{}
	r, err := ParseRole(role)
	if err != nil {
		return nil
	}
	waiting := slices.Clone(h.Baselines[r.Job])
	for _, code := range activities {
		if activity, err := ParseActivity(code); err == nil {
			waiting = append(waiting, activity)
		}
	}
	for len(waiting) > 0 {
		last := len(waiting) - 1
		activity := waiting[last]
		waiting = waiting[:last]
		if !have[activity] {
			have[activity] = true
			waiting = append(waiting, h.Parents[activity]...)
		}
	}
	return slices.Sorted(maps.Keys(have))
}

// Has reports whether a role profile has an activity in effect.
func (h Hierarchy) Has(role string, activities []string, want string) bool {
	return slices.Contains(h.Rights(role, activities), want)
}

package key

import (
	"context"
	"slices"

	"signpost/internal/platform/db"
)

// Standing is a key with what comes next and who has fetched it, for an operator.
type Standing struct {
	Key
	Next    *Step // nil if nothing does
	Clients []Sighting
}

// Report lists the keys in use, in the order of the plan, and then those that are retired, the newest
// first.
func (k *Ring) Report(ctx context.Context) (list []Standing, err error) {
	err = k.DB.View(ctx, func(r db.R) error {
		keys, err := all(ctx, r)
		if err != nil {
			return err
		}
		seen, err := sightings(ctx, r, keys)
		if err != nil {
			return err
		}
		plan := Next(keys, r.Now(), k.policy(), seen)
		list = nil
		for _, one := range keys {
			list = append(list, standing(one, plan, seen))
		}
		return nil
	})
	slices.SortStableFunc(list, func(a, b Standing) int { return order(a) - order(b) })
	return list, err
}

func order(s Standing) int {
	if s.State == Retired {
		return len(Algorithms)
	}
	return slices.Index(Algorithms, s.Algorithm)
}

// standing finds what concerns one key. That a next key will be made concerns the one that signs.
func standing(one Key, plan []Step, seen []Sighting) Standing {
	s := Standing{Key: one}
	for _, step := range plan {
		if step.Key == one.ID || step.Act == Make && one.State == Signing && step.Algorithm == one.Algorithm {
			s.Next = &step
		}
	}
	for _, sight := range seen {
		if sight.Key == one.ID {
			s.Clients = append(s.Clients, sight)
		}
	}
	return s
}

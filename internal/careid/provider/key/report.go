package key

import (
	"context"
	"fmt"
	"slices"

	"signpost/internal/platform/db"
)

// Standing is a key with its next step and the clients that have fetched it, for an operator.
type Standing struct {
	Key
	Next    *Step // nil if there is none
	Clients []Sighting
}

// Any reports whether there was ever a key. There is none only in a database that was never used.
func Any(ctx context.Context, r db.R) (bool, error) {
	exists, err := db.Value[bool](ctx, r, `SELECT EXISTS (SELECT 1 FROM provider_key)`)
	if err != nil {
		return false, fmt.Errorf("look for signing keys: %w", err)
	}
	return exists, nil
}

// Report lists the keys in use in the order of Algorithms, and then the retired ones, the newest first.
func (k *Ring) Report(ctx context.Context) ([]Standing, error) {
	list, err := db.Read(ctx, k.DB, func(r db.R) ([]Standing, error) { return k.standings(ctx, r) })
	slices.SortStableFunc(list, func(a, b Standing) int { return order(a) - order(b) })
	return list, err
}

func (k *Ring) standings(ctx context.Context, r db.R) ([]Standing, error) {
	keys, err := all(ctx, r)
	if err != nil {
		return nil, err
	}
	seen, err := sightings(ctx, r, keys)
	if err != nil {
		return nil, err
	}
	plan := Next(keys, r.Now(), k.policy(), seen)
	var list []Standing
	for _, one := range keys {
		list = append(list, standing(one, plan, seen))
	}
	return list, nil
}

func order(s Standing) int {
	if s.State == Retired {
		return len(Algorithms)
	}
	return slices.Index(Algorithms, s.Algorithm)
}

// standing finds the step and the sightings of one key. The making of the next key is shown at the key that
// signs.
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

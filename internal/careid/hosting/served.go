package hosting

import (
	"context"
	"errors"

	"signpost/internal/careid/organisation"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// MaxServed is how many organisations are looked through for those that a registration authority serves.
const MaxServed = 500

// Served lists the organisations that those who work for the registration authority of one act for: itself first, then
// those that it hosts and what is below them, but for those that parted: of which it is said how they are reached. At
// most 500.
func Served(ctx context.Context, r db.R, code string) ([]organisation.Organisation, error) {
	itself := organisation.AskAmong([]string{code})
	if err := db.Together(ctx, r, itself); err != nil {
		return nil, err
	}
	list := itself.All()
	seen := map[string]bool{code: true}
	next := []string{code}
	for step := 0; step < organisation.MaxHosts && len(next) > 0 && len(list) < MaxServed; step++ {
		below, err := organisation.HostedBy(ctx, r, next, MaxServed)
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
	return list[:min(len(list), MaxServed)], nil
}

// Serves reports whether those who work for the registration authority of one organisation act for another: whether it
// hosts that one, or one of those above it, and none of them parted. An organisation below with people of its own is
// served by both, so that nobody takes what they look after from those above by appointing somebody.
func Serves(ctx context.Context, r db.R, authority, code string) (bool, error) {
	for range organisation.MaxHosts {
		if code == authority {
			return true, nil
		}
		o, err := organisation.ByCode(ctx, r, code)
		if errors.Is(err, fault.NotFound) {
			return false, nil
		}
		if err != nil || o.Contact != "" || o.RAParent == "" {
			return false, err
		}
		code = o.RAParent
	}
	return false, nil
}

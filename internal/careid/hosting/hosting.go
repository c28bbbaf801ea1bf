// Package hosting finds which registration authority serves an organisation, by walking up from host to host until one
// has a registration authority of its own: where a registration authority manager or agent works at present, or where
// it is said how one is reached. It keeps how each is reached, and when.
//
// It does not know who may act for a registration authority.
package hosting

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"signpost/internal/careid/access"
	"signpost/internal/careid/organisation"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// known are organisations that were read, and which of them have a registration authority of their own.
type known struct {
	organisations map[string]organisation.Organisation
	authority     map[string]bool
}

// read reads organisations, and whether they have a registration authority of their own. Unknown ones are left out.
func (k *known) read(ctx context.Context, r db.R, codes []string) ([]organisation.Organisation, error) {
	among := organisation.AskAmong(codes)
	staffed := access.AskStaffed(codes, r.Now())
	if err := db.Together(ctx, r, among, staffed); err != nil {
		return nil, fmt.Errorf("read organisations and who works there: %w", err)
	}
	for _, code := range staffed.All() {
		k.authority[code] = true
	}
	list := among.All()
	for _, o := range list {
		k.organisations[o.Code] = o
		if o.Contact != "" {
			k.authority[o.Code] = true
		}
	}
	return list, nil
}

func nothing() *known {
	return &known{organisations: map[string]organisation.Organisation{}, authority: map[string]bool{}}
}

// RegistrationAuthority finds the organisation whose registration authority serves an organisation: itself if it has
// one, else the nearest host that has one. It returns fault.NotFound if there is none.
func RegistrationAuthority(ctx context.Context, r db.R, code string) (organisation.Organisation, error) {
	found, err := RegistrationAuthorities(ctx, r, []string{code})
	if err != nil {
		return organisation.Organisation{}, err
	}
	if o, is := found[code]; is {
		return o, nil
	}
	return organisation.Organisation{}, errors.Join(fmt.Errorf("registration authority of %s", code), fault.NotFound)
}

// RegistrationAuthorities finds, for each of several organisations by its code, what RegistrationAuthority finds. One
// without an authority is left out. All are walked up from together, a step at a time.
func RegistrationAuthorities(ctx context.Context, r db.R, codes []string) (map[string]organisation.Organisation,
	error) {
	k := nothing()
	next := slices.Compact(slices.Sorted(slices.Values(codes)))
	for step := 0; step < organisation.MaxHosts && len(next) > 0; step++ {
		list, err := k.read(ctx, r, next)
		if err != nil {
			return nil, err
		}
		hosts := map[string]bool{}
		for _, o := range list {
			if _, is := k.organisations[o.RAParent]; !k.authority[o.Code] && o.RAParent != "" && !is {
				hosts[o.RAParent] = true
			}
		}
		next = slices.Sorted(maps.Keys(hosts))
	}
	found := map[string]organisation.Organisation{}
	for _, code := range codes {
		if o, is := k.authorityOf(code); is {
			found[code] = o
		}
	}
	return found, nil
}

// authorityOf walks from an organisation to the nearest that has an authority.
func (k *known) authorityOf(code string) (organisation.Organisation, bool) {
	for range organisation.MaxHosts {
		o, is := k.organisations[code]
		if !is {
			break
		}
		if k.authority[code] {
			return o, true
		}
		code = o.RAParent
	}
	return organisation.Organisation{}, false
}

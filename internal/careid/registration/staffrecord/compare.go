package staffrecord

import (
	"context"
	"errors"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/identity/detail"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// compare holds the person of a message against who is here.
func compare(ctx context.Context, r db.R, k Kept) (Class, []string, error) {
	c := Compared{FamilyName: k.FamilyName, HasNI: k.Details.NIEnding != "", UUID: k.UUID}
	var err error
	if c.WithNI, err = withNI(ctx, r, k); err != nil {
		return "", nil, err
	}
	if c.Named, err = named(ctx, r, k); err != nil {
		return "", nil, err
	}
	if c.Linked, err = personOf(ctx, r, k.Organisation, k.Employee); err != nil {
		return "", nil, err
	}
	if k.UUID != "" {
		_, err := identity.ByUUID(ctx, r, k.UUID)
		c.Unknown = errors.Is(err, fault.NotFound)
		if err != nil && !c.Unknown {
			return "", nil, err
		}
		by, err := employeeOf(ctx, r, k.Organisation, k.UUID)
		if err != nil {
			return "", nil, err
		}
		c.Used = by != "" && by != k.Employee
	}
	class, found := Classify(c)
	return class, found, nil
}

func withNI(ctx context.Context, r db.R, k Kept) ([]Here, error) {
	if k.Details.NIEnding == "" {
		return nil, nil
	}
	uuids, err := detail.WithDigest(ctx, r, k.Details.NIDigest)
	if err != nil {
		return nil, err
	}
	return here(ctx, r, uuids)
}

// named gives who has the names of a message, and was born on its day where it tells one.
func named(ctx context.Context, r db.R, k Kept) ([]Here, error) {
	list, err := identity.Named(ctx, r, k.GivenName, k.FamilyName)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	var uuids []string
	for _, i := range list {
		uuids = append(uuids, i.UUID)
	}
	if k.BirthDate != "" {
		if uuids, err = detail.Born(ctx, r, k.BirthDate, uuids); err != nil {
			return nil, err
		}
	}
	return here(ctx, r, uuids)
}

func here(ctx context.Context, r db.R, uuids []string) (list []Here, err error) {
	people, err := identity.ByUUIDs(ctx, r, uuids)
	if err != nil {
		return nil, err
	}
	for _, uuid := range uuids {
		known, err := detail.Of(ctx, r, uuid)
		if err != nil {
			return nil, err
		}
		list = append(list, Here{UUID: uuid, FamilyName: people[uuid].FamilyName, HasNI: known.HasNI()})
	}
	return list, nil
}

package directory

import (
	"context"
	"fmt"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// RegionType is the type of the services at the top of the tree, which are the regions.
const RegionType = -1

const tellLead = "Tell your DoS lead what is wrong with it."

var (
	errOtherOrganisation = fault.SayCure(fault.Forbidden,
		"This service belongs to another organisation, so your account cannot change it.", tellLead)
	errOutside = fault.SayCure(fault.Forbidden,
		"This service is outside the area that you look after, so your account cannot change it.", tellLead)
)

// Outside tells somebody who may change services within a reach that they may not change this one.
func Outside(reach account.Reach) error {
	if len(reach.Regions)+len(reach.Services) == 0 {
		return errOtherOrganisation
	}
	return errOutside
}

// upwards is a service and all above it. A row that was read is not read again, so a loop ends.
const upwards = `(WITH RECURSIVE above (id, parent_id) AS (
	SELECT id, parent_id FROM service WHERE id = $1
	UNION SELECT s.id, s.parent_id FROM service s JOIN above ON s.id = above.parent_id
	) SELECT id FROM above)`

// Ancestors lists the ids of a service and of all above it.
func Ancestors(ctx context.Context, r db.R, id string) ([]string, error) {
	list, err := db.All(ctx, r, db.Column[string], `SELECT id FROM service WHERE id IN `+upwards, id)
	if err != nil {
		return nil, fmt.Errorf("read what is above service %s: %w", id, err)
	}
	return list, nil
}

// Within reports whether a service is within a reach: its organisation's, or it stands at or below a service or region
// of the reach.
func Within(ctx context.Context, r db.R, reach account.Reach, s Service) (bool, error) {
	if reach.Everywhere || s.ODSCode != "" && slices.Contains(reach.Organisations, s.ODSCode) {
		return true, nil
	}
	tops := slices.Concat(reach.Regions, reach.Services)
	if len(tops) == 0 {
		return false, nil
	}
	above, err := Ancestors(ctx, r, s.ID)
	return slices.ContainsFunc(above, func(id string) bool { return slices.Contains(tops, id) }), err
}

// Region is a region of the directory.
type Region struct{ ID, Name string }

func scanRegion(scan db.Scanner) (one Region, err error) {
	err = scan(&one.ID, &one.Name)
	return one, err
}

// Regions lists the regions by name.
func Regions(ctx context.Context, r db.R) ([]Region, error) {
	const ofType = `SELECT id, CASE WHEN public_name = '' THEN name ELSE public_name END FROM service
		WHERE type_id = $1 AND status = $2 ORDER BY name, id`
	list, err := db.All(ctx, r, scanRegion, ofType, RegionType, int(Active))
	if err != nil {
		return nil, fmt.Errorf("list regions: %w", err)
	}
	return list, nil
}

// RegionOf gives the id of the region that a service is in; empty if none is above it.
func RegionOf(ctx context.Context, r db.R, id string) (string, error) {
	const top = `SELECT id FROM service WHERE type_id = $2 AND id IN ` + upwards + ` ORDER BY id LIMIT 1`
	region, err := db.Value[string](ctx, r, top, id, RegionType)
	if err != nil && !absent(err) {
		return "", fmt.Errorf("read region of service %s: %w", id, err)
	}
	return region, nil
}

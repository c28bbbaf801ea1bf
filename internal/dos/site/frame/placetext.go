package frame

import (
	"context"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/db"
	"signpost/internal/platform/when"
)

// NoOrganisation is the name of where accounts are whose organisation is not known.
const NoOrganisation = "Organisation not known"

// ExceptionText says until when a password works by an exception.
func ExceptionText(until time.Time) string {
	return "The password works by an exception until " + when.DateTime(until) + "."
}

// PlaceText names the place to which a list is narrowed: an organisation, else a region; empty for all.
func PlaceText(ctx context.Context, r db.R, region, organisation string) (string, error) {
	switch {
	case organisation == account.NoRegion:
		return NoOrganisation, nil
	case organisation != "":
		return directory.OrganisationText(ctx, r, organisation)
	case region != "":
		return RegionText(ctx, r, region)
	}
	return "", nil
}

// RegionText names a region, or that it is not known.
func RegionText(ctx context.Context, r db.R, id string) (string, error) {
	if id == "" || id == account.NoRegion {
		return "Region not known", nil
	}
	return directory.RegionText(ctx, r, id)
}

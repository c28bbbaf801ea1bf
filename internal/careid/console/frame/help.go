package frame

import (
	"context"
	"errors"

	"signpost/internal/careid/hosting"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web/page"
)

// help names the registration authority of somebody who may not do something: it gives roles and positions.
func help(ctx context.Context, r db.R, user Current, _ []string) (page.Help, error) {
	shown := page.Help{
		Heading: "Your registration authority",
		Nobody:  "We do not know here which registration authority is yours. The service desk can tell you.",
	}
	authority, err := hosting.RegistrationAuthority(ctx, r, user.Identity.Organisation)
	if errors.Is(err, fault.NotFound) {
		return shown, nil
	}
	shown.Helpers = []page.Helper{{Name: authority.Name, Contact: authority.Contact}}
	return shown, err
}

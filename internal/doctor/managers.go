package doctor

import (
	"context"
	"fmt"

	"signpost/internal/app"
	"signpost/internal/careid/registration/usable"
	"signpost/internal/platform/db"
)

// managers looks whether registration authority managers can log in at AAL3, as what they do asks for.
func (x *examination) managers(ctx context.Context) {
	const check = "registration authority managers"
	const cure = "Have them add a smartcard, or an attested security key or Windows Hello, by a link that another " +
		"manager makes, or signpost admin first-link for an only one."
	if !x.care {
		return
	}
	type count struct{ all, below int }
	n, err := app.Look(ctx, x.Config, app.CareID, func(r db.R) (n count, err error) {
		n.all, n.below, err = usable.ManagersBelowAAL3(ctx, r)
		return n, err
	})
	switch {
	case err != nil:
		x.error(check, err)
	case n.below > 0 && x.Config.Registration.AlwaysAAL3:
		x.wait(check, fmt.Sprintf("%d of %d have no authenticator of level AAL3, and can do nothing for their "+
			"organisation.", n.below, n.all), cure)
	case n.below > 0:
		x.wait(check, fmt.Sprintf("%d of %d have no authenticator of level AAL3, and work with a weaker one.", n.below,
			n.all), cure)
	default:
		x.ok(check, "%d, all of whom can log in at AAL3", n.all)
	}
}

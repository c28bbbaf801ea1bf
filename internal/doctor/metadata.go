package doctor

import (
	"context"
	"errors"

	"signpost/internal/app"
	"signpost/internal/careid/metadata"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/when"
)

// metadata looks how old what is known of the models of authenticators is.
func (x *examination) metadata(ctx context.Context) {
	const check = "FIDO metadata"
	const cure = "Fetch the newest issue from https://mds3.fidoalliance.org, and run signpost import metadata FILE " +
		"--apply."
	if !x.care {
		return
	}
	issue, err := app.Look(ctx, x.Config, app.CareID, func(r db.R) (metadata.Issue, error) {
		return metadata.Current(ctx, r)
	})
	switch {
	case errors.Is(err, fault.NotFound):
		x.wait(check, "None was imported: every security key and Windows Hello is AAL2.", cure)
	case err != nil:
		x.error(check, err)
	case issue.Overdue(x.Clock.Now()):
		x.wait(check, "The next issue was due on "+when.Date(issue.NextUpdate)+
			": a model that was withdrawn since is still AAL3.", cure)
	default:
		x.ok(check, "issue %d, imported on %s; the next is due on %s", issue.Number, when.Date(issue.Imported),
			when.Date(issue.NextUpdate))
	}
}

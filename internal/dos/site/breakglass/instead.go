package breakglass

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/covering"
	glass "signpost/internal/dos/breakglass"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web/page"
)

const linkPath = "/link"

// insteadView is what somebody can do who cannot ask for emergency rights now.
type insteadView struct {
	Why     string // why they cannot; empty if they can
	Cure    string
	Link    bool // they can link their account now, and ask then
	Early   bool // linking has not opened for them
	Heading string
	Editors []page.Helper // who can change the service now, or services of the region
	// Reachable says that we have a telephone number of one of them.
	Reachable bool
	Desk      page.Desk
}

// cannotAsk reads what a user can do who cannot ask.
func (v *listView) cannotAsk(r *http.Request, d *db.DB, problem error) (err error) {
	v.insteadView, err = db.Read(r.Context(), d, func(read db.R) (insteadView, error) {
		return insteadOf(r.Context(), read, frame.User(r).Account, r.URL.Query().Get("service"), problem)
	})
	return err
}

func insteadOf(
	ctx context.Context, r db.R, user account.Account, serviceID string, problem error,
) (v insteadView, err error) {
	said, _ := fault.From(problem)
	v.Why = said.Message
	v.Cure = said.Cure
	if errors.Is(problem, glass.ErrNotByCareIdentity) {
		current, err := wave.Of(ctx, r, user.ID)
		if err != nil {
			return v, err
		}
		v.Early = current.Phase == path.Prepare
		v.Link = !v.Early
	}
	return v, v.readEditors(ctx, r, user, serviceID)
}

// readEditors names who can change a service now: whoever looks after services of all its region, or of the user's
// where there is none with the id.
func (v *insteadView) readEditors(ctx context.Context, r db.R, user account.Account, serviceID string) error {
	v.Heading = "Who can change services now"
	places := []string{user.Region}
	service, err := directory.ByID(ctx, r, serviceID)
	switch {
	case err == nil:
		v.Heading = "Who can change " + service.Shown() + " now"
		if places, err = directory.Ancestors(ctx, r, service.ID); err != nil {
			return err
		}
	case !errors.Is(err, fault.NotFound):
		return err
	}
	editors, err := covering.Over(ctx, r, account.EditService, places, maxNamed)
	v.Editors = frame.HelpersOf(editors)
	v.Reachable = slices.ContainsFunc(editors, func(a account.Account) bool { return a.Phone != "" })
	return err
}

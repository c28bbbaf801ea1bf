package requests

import (
	"fmt"
	"net/http"
	"time"

	"signpost/internal/dos/account"
	asking "signpost/internal/dos/request"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
)

const timesPath = frame.RequestsPage + "/times"

// times shows how long requests take, and what they wait for.
func (p *Pages) times(w http.ResponseWriter, r *http.Request) error {
	within := frame.Reach(r, account.ApproveUser, account.ViewReports)
	measured, err := db.Costly(r.Context(), p.requests.DB, func(read db.R) (asking.Times, error) {
		return asking.Measure(r.Context(), read, within)
	})
	if err != nil {
		return err
	}
	v := timesView{Page: p.frame.Page(w, r, "How long requests take"), Requests: measured.Requests}
	for _, one := range []struct {
		name string
		took asking.Spread
	}{
		{"From the form to the first login", measured.Total},
		{"Waiting for the email to be confirmed", measured.Email},
		{"Waiting for an administrator", measured.Administrator},
		{"Waiting for answers of the asker", measured.Asker},
		{"Waiting for the Care Identity, after the approval", measured.Identity},
		{"From when the account could be used to the first login", measured.FirstLogin},
	} {
		v.Rows = append(v.Rows, []nhsuk.TableCell{{Text: one.name}, {Text: tookText(one.took.Median)},
			{Text: tookText(one.took.P90)}})
	}
	v.Page.BackHref = frame.RequestsPage
	v.Page.Wide = true
	return web.Show(w, r, http.StatusOK, timesPage(v))
}

// tookText words how long something took, by its largest units.
func tookText(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return "Less than a minute"
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < day:
		return fmt.Sprintf("%d h %d min", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%d d %d h", d/day, d%day/time.Hour)
}

package requests

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"

	"signpost/internal/dos/account"
	asking "signpost/internal/dos/request"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
)

const timesPath = frame.RequestsPage + "/times"

// measurement is what the page shows.
type measurement struct {
	times   asking.Times
	regions map[string]string // names by id
}

// times shows how long requests take, and what they wait for.
func (p *Pages) times(w http.ResponseWriter, r *http.Request) error {
	within := frame.Reach(r, account.ApproveUser, account.ViewReports)
	measured, err := db.Costly(r.Context(), p.requests.DB, func(read db.R) (m measurement, err error) {
		if m.regions, err = regionNames(r, read); err != nil {
			return m, err
		}
		m.times, err = asking.Measure(r.Context(), read, within)
		return m, err
	})
	if err != nil {
		return err
	}
	v := timesView{Page: p.frame.Page(w, r, "How long requests take"), Requests: measured.times.Requests}
	for _, one := range []struct {
		name string
		took asking.Spread
	}{
		{"From the form to the first login", measured.times.Total},
		{"Waiting for the email to be confirmed", measured.times.Email},
		{"Waiting for an administrator", measured.times.Administrator},
		{"Waiting for answers of the asker", measured.times.Asker},
		{"Waiting for the Care Identity, after the approval", measured.times.Identity},
		{"From when the account could be used to the first login", measured.times.FirstLogin},
	} {
		v.Rows = append(v.Rows, []nhsuk.TableCell{{Text: one.name}, {Text: tookText(one.took.Median)},
			{Text: tookText(one.took.P90)}})
	}
	v.ByRegion = byRegion(measured.times, measured.regions)
	v.Page.BackHref = frame.RequestsPage
	v.Page.Wide = true
	return web.Show(w, r, http.StatusOK, timesPage(v))
}

// byRegion shows the whole time of the requests of each region.
func byRegion(measured asking.Times, names map[string]string) (rows [][]nhsuk.TableCell) {
	ids := slices.SortedFunc(maps.Keys(measured.ByRegion), func(a, b string) int {
		return cmp.Compare(regionText(names, a), regionText(names, b))
	})
	for _, id := range ids {
		t := measured.ByRegion[id]
		rows = append(rows, nhsuk.Cells(regionText(names, id), strconv.Itoa(t.Requests), tookText(t.Total.Median),
			tookText(t.Total.P90)))
	}
	return rows
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

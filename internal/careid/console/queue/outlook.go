package queue

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/queue"
	"signpost/internal/careid/queue/outlook"
	"signpost/internal/careid/registration/deciding"
	"signpost/internal/careid/registration/permission"
	"signpost/internal/careid/request"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const outlookPath = frame.QueuePath + "/forecast"

// maxForecast is of how many who wait it is said when they will be ready.
const maxForecast = 200

type outlookView struct {
	Page  page.Params
	Rows  [][]nhsuk.TableCell
	Known bool
	More  bool   // more wait than are listed
	Past  string // how good forecasts were; empty where that is not known
}

// outlook shows when those who wait will be ready.
func (q *Queue) outlook(w http.ResponseWriter, r *http.Request) error {
	user := frame.User(r)
	reader := deciding.Reader{UUID: user.Identity.UUID, List: user.Officers}
	if !reader.Decides() {
		return errNotTheirs
	}
	v, err := db.Costly(r.Context(), q.frame.DB, func(read db.R) (outlookView, error) {
		return readOutlook(r.Context(), read, reader)
	})
	if err != nil {
		return err
	}
	v.Page = q.frame.Page(w, r, "When people will be ready")
	v.Page.Wide = true
	v.Page.BackHref = frame.QueuePath
	return web.Show(w, r, http.StatusOK, outlookPage(v))
}

func readOutlook(ctx context.Context, r db.R, reader deciding.Reader) (v outlookView, err error) {
	codes, err := reader.Places().Where(ctx, r, permission.DecideRequest)
	if err != nil {
		return v, err
	}
	courses, err := request.Courses(ctx, r, codes, r.Now().Add(-outlook.Before))
	if err != nil {
		return v, err
	}
	list, next, err := queue.List(ctx, r, reader, queue.Filter{}, queue.Place{}, maxForecast)
	if err != nil {
		return v, err
	}
	var asked []queue.Item
	for _, i := range list {
		if i.Request.ID != "" {
			asked = append(asked, i)
		}
	}
	o := outlook.New(courses, len(asked), r.Now())
	v.Known = o.Known()
	v.More = !next.Over()
	v.Past = pastText(o.Past)
	if !v.Known {
		return v, nil
	}
	rows, err := rowsOf(ctx, r, asked, false)
	for place, row := range rows {
		half, late := o.Of(place)
		nearly := nhsuk.TableCell{HTML: lateCell(when.Date(late), after(late, asked[place].Due))}
		v.Rows = append(v.Rows,
			[]nhsuk.TableCell{row[0], row[1], row[2], row[4], {Text: when.Date(half)}, nearly})
	}
	return v, err
}

// after reports whether a day is later than the last one until which something is due.
func after(day, due time.Time) bool { return !due.IsZero() && !day.Before(due) }

func pastText(p outlook.Past) string {
	if p.Looked == 0 {
		return ""
	}
	return fmt.Sprintf("Of %d requests that were decided in the last 4 weeks, %d were decided by the later day that "+
		"would have stood here when they were asked for. Half of them came within %s of the earlier day.",
		p.Looked, p.InTime, daysText(p.Days))
}

func daysText(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}

package connections

import (
	"fmt"
	"net/http"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

const noticesOnPage = 50

func (c *Connections) notices(w http.ResponseWriter, r *http.Request) error {
	v, err := db.Read(r.Context(), c.frame.DB, func(read db.R) (v noticesView, err error) {
		err = v.read(r, read, frame.User(r))
		return v, err
	})
	if err != nil {
		return err
	}
	v.Page = c.frame.Page(w, r, v.title)
	v.Page.Breadcrumb = breadcrumb()
	v.Page.Wide = true
	v.Links = pagesOf(v.ID, "Logout notices")
	return web.Show(w, r, http.StatusOK, noticesPage(v))
}

func (v *noticesView) read(r *http.Request, read db.R, current *frame.Current) error {
	one, may, err := readClient(r.Context(), read, current, r.PathValue("client"))
	if err != nil {
		return err
	}
	v.Name = one.Name
	v.ID = one.ID
	v.Address = one.BackchannelLogoutURI
	v.Wanted = one.Wanted().BackchannelLogoutURI
	v.MayTest = may.edit && one.Active
	v.Test = testForm.New(r)
	v.AgainAll = againForm.New(r).Set("all", "yes")
	tally, err := backchannel.Count(r.Context(), read, one.ID)
	if err != nil {
		return err
	}
	v.Tally = []nhsuk.SummaryListRow{
		{Key: "Delivered", Value: fmt.Sprint(tally.Delivered)},
		{Key: "Waiting", Value: fmt.Sprintf("%d, of which %d have failed at least once", tally.Waiting, tally.Failing)},
		{Key: "Given up", Value: fmt.Sprint(tally.GivenUp)},
	}
	v.Failed = tally.Failing+tally.GivenUp > 0 && v.Address != ""
	list, err := page.Read(r, noticesOnPage, func(skip, limit int) ([]backchannel.Notice, int, error) {
		list, err := backchannel.Of(r.Context(), read, one.ID, skip, limit)
		return list, tally.All(), err
	})
	v.Count = list.Count("notice", "notices")
	v.Pages = list.Links(clientPath(one.ID)+"/notices", r)
	v.title = list.Titled("Logout notices to " + v.Name)
	for _, n := range list.Items {
		view := noticeOf(n, v.Address != "")
		view.Form = againForm.New(r).Set("notice", n.ID)
		v.List = append(v.List, view)
	}
	return err
}

func noticeOf(n backchannel.Notice, again bool) noticeView {
	v := noticeView{
		Made:   when.DateTime(n.Made),
		State:  frame.NoticeState(n),
		Tries:  fmt.Sprint(n.Tries),
		Answer: frame.NoticeAnswer(n),
		Next:   "Not tried again",
		Again:  again && !n.Test && (n.State == backchannel.Delivered || n.Failing()),
	}
	if n.Test {
		v.Made += ", a test"
	}
	if !n.Next.IsZero() {
		v.Next = when.DateTime(n.Next)
	}
	return v
}

func (c *Connections) again(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("client")
	to := clientPath(id) + "/notices"
	f := againForm.Read(r)
	if f.Value("all") != "" {
		n, err := backchannel.AgainAll(r.Context(), c.frame.DB, web.Actor(r), id)
		if err != nil {
			return err
		}
		message, err := c.sentAgain(r, id, n)
		if err != nil {
			return err
		}
		return web.SeeOther(w, r, to, message)
	}
	if err := backchannel.Again(r.Context(), c.frame.DB, web.Actor(r), id, f.Value("notice")); err != nil {
		return err
	}
	return web.SeeOther(w, r, to, "The notice is being sent again.")
}

// sentAgain says how many notices to a client are sent again, and of none why.
func (c *Connections) sentAgain(r *http.Request, id string, n int) (string, error) {
	switch n {
	case 0:
	case 1:
		return "1 notice is being sent again.", nil
	default:
		return fmt.Sprintf("%d notices are being sent again.", n), nil
	}
	tally, err := db.Read(r.Context(), c.frame.DB, func(read db.R) (backchannel.Tally, error) {
		return backchannel.Count(r.Context(), read, id)
	})
	if tally.Failing+tally.GivenUp > 0 {
		return "No notice is being sent again. Each one that failed was sent again less than 20 minutes ago.", err
	}
	return "No notice is being sent again. None has failed since it was last sent again.", err
}

func (c *Connections) sendTest(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("client")
	if err := backchannel.SendTest(r.Context(), c.frame.DB, web.Actor(r), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, clientPath(id)+"/notices", "The test notice is being sent. Load this page again to see "+
		"the answer.")
}

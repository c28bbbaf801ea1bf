// Package requests serves the pages on which DoS user administrators decide who gets an account.
package requests

import (
	"fmt"
	"net/http"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	asking "signpost/internal/dos/request"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// requestsOnPage is the number of requests on a page of the list.
const requestsOnPage = 50

// Pages serves the pages.
type Pages struct {
	frame    *frame.Frame
	requests *asking.Requests
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, requests *asking.Requests) {
	p := &Pages{frame: f, requests: requests}
	may := f.May(account.ApproveUser)
	s.Handle("GET "+frame.RequestsPage, may, p.list)
	f.HandleForm(s, overdueForm, may, p.rejectOverdue)
	f.HandleForm(s, nextForm, may, p.next)
	invites := f.May(account.InviteUser)
	s.Handle("GET "+inviteForm.Path, invites, p.invite)
	f.HandleForm(s, inviteForm, invites, p.prepareInvitations)
	s.Handle("GET "+checkPath, invites, p.checkInvitations)
	f.HandleForm(s, sendForm, invites, p.sendInvitations)
	s.Handle("GET "+timesPath, f.May(account.ApproveUser, account.ViewReports), p.times)
	s.Handle("GET "+requestPath, may, p.show)
	f.HandleForm(s, lookForm, may, p.look)
	f.HandleForm(s, takeOverForm, may, p.takeOver)
	f.HandleForm(s, approveForm, may, p.approve)
	f.HandleForm(s, rejectForm, may, p.reject)
	f.HandleForm(s, questionForm, may, p.askBack)
	f.HandleForm(s, regionForm, may, p.move)
	f.HandleForm(s, organisationForm, may, p.place)
}

func reach(r *http.Request) account.Reach { return frame.Reach(r, account.ApproveUser) }

// listForm chooses which requests are listed.
var listForm = form.Form{
	Path: frame.RequestsPage, Get: true, Fields: []form.Field{
		form.Select(nhsuk.SelectParams{Name: "which", Label: nhsuk.LabelParams{Text: "Which requests", Size: "s"},
			Items: []nhsuk.SelectItem{
				{Value: string(asking.Outstanding), Text: "Outstanding"},
				{Value: string(asking.ToDecide), Text: "That you can decide now"},
				{Value: string(asking.WithAsker), Text: "That wait for an answer of the asker"},
				{Value: string(asking.NotConfirmed), Text: "With an unvalidated email"},
				{Value: string(asking.WithoutAccount), Text: "Approved, and waiting for the Care Identity"},
				{Value: string(asking.Decided), Text: "Decided, the newest first"},
			}}),
	},
}

// overdueForm ends the requests that nobody confirmed in time.
var overdueForm = form.Form{Path: "/requests/overdue", At: frame.RequestsPage}

// nextForm looks at the request that waits longest.
var nextForm = form.Form{Path: "/requests/next", At: frame.RequestsPage}

func (p *Pages) next(w http.ResponseWriter, r *http.Request) error {
	id, err := p.requests.LookAtNext(r.Context(), web.Actor(r))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(id), "")
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	v := listView{Form: listForm.Read(r), Overdue: overdueForm.New(r), Next: nextForm.New(r),
		Invites: frame.Allowed(r, account.InviteUser)}
	filter := asking.Filter{Reach: reach(r), Which: asking.Which(v.Form.Value("which"))}
	if !filter.Which.Known() {
		filter.Which = asking.Outstanding
	}
	found, err := db.Costly(r.Context(), p.requests.DB, func(read db.R) (listed, error) {
		return readList(r, read, filter)
	})
	if err != nil {
		return err
	}
	v.Count = found.list.Count("request", "requests")
	v.Rows = found.rows
	v.HasOverdue = found.overdue
	v.Links = found.list.Links(frame.RequestsPage, r)
	v.Page = p.frame.Page(w, r, found.list.Titled("Outstanding User Requests"))
	v.Page.Wide = true
	return web.Show(w, r, http.StatusOK, listPage(v))
}

// listed is a page of the list as it was read.
type listed struct {
	list    page.List[asking.Found]
	rows    [][]nhsuk.TableCell
	overdue bool // some of the page were not confirmed in time
}

func readList(r *http.Request, read db.R, filter asking.Filter) (found listed, err error) {
	found.list, err = page.Read(r, requestsOnPage, func(skip, limit int) ([]asking.Found, int, error) {
		return asking.List(r.Context(), read, filter, skip, limit)
	})
	if err != nil {
		return found, err
	}
	regions, err := regionNames(r, read)
	if err != nil {
		return found, err
	}
	var codes []string
	for _, one := range found.list.Items {
		codes = append(codes, one.Organisation)
	}
	organisations, err := directory.OrganisationTexts(r.Context(), read, codes)
	if err != nil {
		return found, err
	}
	for _, one := range found.list.Items {
		found.overdue = found.overdue || one.Overdue(read.Now())
		found.rows = append(found.rows, []nhsuk.TableCell{
			{Text: one.Name(), Href: pathOf(one.ID)},
			{Text: directory.TypedText(organisations[one.Organisation], one.Organisation)},
			{Text: regionText(regions, one.Region)},
			{Text: when.Ago(one.Created, read.Now())}, {Text: stateText(one, read.Now())},
			{Text: reviewText(one.Review)},
		})
	}
	return found, nil
}

func regionNames(r *http.Request, read db.R) (map[string]string, error) {
	list, err := directory.Regions(r.Context(), read)
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, one := range list {
		names[one.ID] = one.Name
	}
	return names, nil
}

func regionText(names map[string]string, id string) string {
	if id == "" {
		return "Not known"
	}
	if name := names[id]; name != "" {
		return name
	}
	return "A former region"
}

func reviewText(v asking.Review) string {
	if v.AccountID == "" {
		return "Nobody"
	}
	return v.Name + ", since " + when.TimeOfDay(v.Since)
}

func (p *Pages) rejectOverdue(w http.ResponseWriter, r *http.Request) error {
	n, err := p.requests.RejectOverdue(r.Context(), web.Actor(r))
	if err != nil {
		return err
	}
	said := fmt.Sprintf("%d requests were rejected that nobody confirmed.", n)
	if n == 1 {
		said = "1 request was rejected that nobody confirmed."
	}
	return web.SeeOther(w, r, frame.RequestsPage, said)
}

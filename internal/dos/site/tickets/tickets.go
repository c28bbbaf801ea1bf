// Package tickets serves the pages on which the service desk works on tickets.
package tickets

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout"
	"signpost/internal/dos/site/frame"
	"signpost/internal/dos/ticket"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

const onPage = 50

// Pages serves the pages.
type Pages struct {
	frame *frame.Frame
	desk  ticket.Desk
	asker rollout.Asker // nil if the care identity side answers no questions
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, desk ticket.Desk, asker rollout.Asker) {
	p := &Pages{frame: f, desk: desk, asker: asker}
	may := f.May(account.WorkTickets)
	s.Handle("GET "+frame.TicketsPage, may, p.list)
	s.Handle("GET "+callForm.Path, may, p.call)
	f.HandleForm(s, callForm, may, p.raise)
	s.Handle("GET "+onePath, may, p.show)
	s.Handle("GET "+onePath+"/files/{file}", may, p.file)
	f.HandleForm(s, workForm, may, p.work)
	f.HandleForm(s, unmergeForm, may, p.unmerge)
}

// reach gives of whom the user sees tickets.
func reach(r *http.Request) account.Reach { return frame.Reach(r, account.WorkTickets) }

func pathOf(id string) string { return frame.TicketsPage + "/" + id }

// filterOf reads what is filtered by. What is neither a number nor an address finds nothing.
func filterOf(r *http.Request, f *form.Rendered) ticket.Filter {
	priority, _ := strconv.Atoi(f.Value("priority"))
	filter := ticket.Filter{
		Reach: reach(r), Which: ticket.Which(f.Value("which")), Category: ticket.Category(f.Value("category")),
		Priority: ticket.Priority(priority), Assigned: f.Value("assigned"), Me: web.Actor(r).ID,
	}
	if !filter.Which.Known() {
		filter.Which = ticket.ToDo
	}
	typed := f.Value("q")
	if typed == "" {
		return filter
	}
	filter.Which = ticket.All
	if filter.Number = ticket.ReadNumber(typed); filter.Number != 0 {
		return filter
	}
	filter.Email = typed
	if address, err := email.Parse(typed); err == nil {
		filter.Email, _ = address.Canonical()
	}
	return filter
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	filters := listForm.Read(r)
	v, err := db.Costly(r.Context(), p.desk.DB, func(read db.R) (v listView, err error) {
		list, err := page.Read(r, onPage, func(skip, limit int) ([]ticket.Ticket, int, error) {
			return ticket.List(r.Context(), read, filterOf(r, filters), skip, limit)
		})
		for _, t := range list.Items {
			v.Rows = append(v.Rows, rowOf(t, read))
		}
		if err != nil {
			return v, err
		}
		overdue := ticket.Filter{Reach: reach(r), Which: ticket.OverdueOnes}
		if v.Overdue, err = ticket.Count(r.Context(), read, overdue); err != nil {
			return v, err
		}
		if v.Elsewhere, err = p.elsewhere(r, read); err != nil {
			return v, err
		}
		v.Count = list.Count("ticket", "tickets")
		v.Links = list.Links(frame.TicketsPage, r)
		v.title = list.Titled("Tickets")
		return v, err
	})
	if err != nil {
		return err
	}
	if !p.desk.Elsewhere {
		filters.Offer("which", []nhsuk.RadioItem{{Value: string(ticket.OverdueOnes)},
			{Value: string(ticket.WithPerson)}, {Value: string(ticket.Done)}, {Value: string(ticket.All)}})
	}
	v.Form = filters
	v.Page = p.frame.Page(w, r, v.title)
	v.Page.Wide = true
	return web.Show(w, r, http.StatusOK, listPage(v))
}

// elsewhere counts the tickets that are not in ServiceNow as they are here; none where there is no ServiceNow.
func (p *Pages) elsewhere(r *http.Request, read db.R) (int, error) {
	if !p.desk.Elsewhere {
		return 0, nil
	}
	return ticket.Count(r.Context(), read, ticket.Filter{Reach: reach(r), Which: ticket.Elsewhere})
}

// aboutLines say what a ticket is about, once where its short description says no more than its category.
func aboutLines(t ticket.Ticket) templ.Component {
	if strings.EqualFold(t.Subject, t.Category.Title()) {
		return page.Lines(t.Subject)
	}
	return page.Lines(t.Subject, t.Category.Title())
}

func rowOf(t ticket.Ticket, read db.R) []nhsuk.TableCell {
	assigned := t.AssignedName
	if assigned == "" {
		assigned = "Nobody"
	}
	return []nhsuk.TableCell{
		{Text: t.Show(), Href: pathOf(t.ID)}, {HTML: aboutLines(t)},
		{HTML: page.Name(t.Name)}, {Text: t.Priority.Title()}, {Text: t.State.Title()}, {Text: dueText(t, read.Now())},
		{HTML: page.Name(assigned)},
	}
}

// call shows the form for a caller, with what is known of the account that the page was come to from.
func (p *Pages) call(w http.ResponseWriter, r *http.Request) error {
	typed := callForm.New(r)
	id := r.URL.Query().Get("account")
	if id == "" || typed.HasProblems() {
		return p.showCall(w, r, typed)
	}
	a, err := db.Read(r.Context(), p.desk.DB, func(read db.R) (account.Account, error) {
		a, err := account.ByID(r.Context(), read, id)
		if err == nil && !reach(r).Covers(a) {
			err = account.ErrOutside
		}
		return a, err
	})
	if err != nil {
		return err
	}
	typed.Set("account", a.ID).Set("name", a.Name()).Set("email", a.Email).Set("phone", a.Phone)
	return p.showCall(w, r, typed)
}

func (p *Pages) showCall(w http.ResponseWriter, r *http.Request, typed *form.Rendered) error {
	v := callView{Page: p.frame.Page(w, r, callForm.Page), Form: typed}
	v.Page.BackHref = frame.TicketsPage
	v.Page.Error = typed.HasProblems()
	return web.Show(w, r, typed.Status(), callPage(v))
}

func (p *Pages) raise(w http.ResponseWriter, r *http.Request) error {
	sent := callForm.Read(r)
	if !sent.Complete() {
		return p.showCall(w, r, sent)
	}
	call := ticket.Call{AccountID: sent.Value("account"), Typed: ticket.Typed{
		Name: sent.Value("name"), Email: sent.Value("email"), Phone: sent.Value("phone"),
		Category: ticket.Category(sent.Value("category")), Subject: sent.Value("subject"), Text: sent.Value("text"),
		Reference: sent.Value("reference"), Urgent: sent.Value("urgent") == yes,
	}}
	t, err := p.desk.RaiseFor(r.Context(), web.Actor(r), call)
	if sent.Refuse(err) {
		return p.showCall(w, r, sent)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, pathOf(t.ID), "Ticket "+t.Show()+" is raised.")
}

// Package breakglass serves the pages of emergency rights: asking for them, opening them with somebody, ending them,
// and reviewing what was done.
package breakglass

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"signpost/internal/dos/account"
	glass "signpost/internal/dos/breakglass"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/signin"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// Pages serves the pages.
type Pages struct {
	frame  *frame.Frame
	office *glass.Office
}

const usePath = frame.EmergencyPage + "/{id}"

// The decisions of a review.
const (
	right    = "right"
	notRight = "not-right"
)

var (
	openForm    = form.Form{Path: usePath + "/open", At: usePath, Page: title, Act: "Open them"}
	declineForm = form.Form{Path: usePath + "/decline", At: usePath}
	endForm     = form.Form{Path: usePath + "/end", At: usePath}
	reviewForm  = form.Form{Path: usePath + "/review", At: usePath, Page: title, Act: "Save the review",
		Fields: []form.Field{
			form.Radios(nhsuk.RadiosParams{
				Name:     "decision",
				Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Was the use right?", Size: "m"}},
				Items: []nhsuk.RadioItem{
					{Value: right, Text: "Yes", Hint: "There was an emergency, and what they did was needed for it"},
					{Value: notRight, Text: "No", Hint: "All administrators are told"},
				},
			}).Required("Choose whether the use was right"),
			form.Textarea(nhsuk.TextareaParams{
				Name: "finding", Rows: 3,
				Label: nhsuk.LabelParams{Text: "What you looked at and what you found", Size: "s"},
				Hint:  "For example: “I compared the changes with the call from the practice.” The person reads it",
			}).Required("Enter what you looked at and what you found"),
		}}
)

const title = "Emergency rights"

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, office *glass.Office) {
	p := &Pages{frame: f, office: office}
	f.EmergencyFor = p.leadsTo
	in := f.SignedIn()
	s.Handle("GET "+frame.EmergencyPage, in, p.list)
	s.Handle("GET "+frame.AskEmergency, in, p.ask)
	f.HandleForm(s, askForm, in, f.Freshly(askForm, p.asked))
	s.Handle("GET "+usePath, in, p.show)
	f.HandleForm(s, openForm, f.May(account.BreakGlass), f.Freshly(openForm, p.open))
	f.HandleForm(s, declineForm, f.May(account.BreakGlass), p.decline)
	f.HandleForm(s, endForm, in, p.end)
	f.HandleForm(s, reviewForm, f.May(account.BreakGlass), p.review)
}

// problem says why the user cannot ask for emergency rights, or nil.
func (p *Pages) problem(user *signin.Current) error {
	switch {
	case user.Account.Kind != account.Individual || !p.office.Policy.May(user.Grants):
		return glass.ErrMayNotAsk
	case user.Session.State.How != signin.ByCareIdentity:
		return glass.ErrNotByCareIdentity
	}
	return nil
}

// leadsTo leads a user to where they ask for rights for a service; where they came by a password, to what to do first.
func (p *Pages) leadsTo(user *signin.Current, serviceID string) string {
	query := "?" + url.Values{"service": {serviceID}}.Encode()
	problem := p.problem(user)
	switch {
	case problem == nil:
		return frame.AskEmergency + query
	case errors.Is(problem, glass.ErrNotByCareIdentity):
		return frame.EmergencyPage + query
	}
	return ""
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	v, err := db.Costly(r.Context(), p.office.DB, func(read db.R) (listView, error) { return readList(r, read) })
	if err != nil {
		return err
	}
	v.Page = p.frame.Page(w, r, title)
	v.Page.Wide = true
	if problem := p.problem(frame.User(r)); problem != nil {
		if err := v.cannotAsk(r, p.office.DB, problem); err != nil {
			return err
		}
		v.Desk = v.Page.ServiceDesk
		v.Page = v.Page.WithoutDesk()
	}
	v.Policy = p.office.Policy.Text()
	return web.Show(w, r, http.StatusOK, listPage(v))
}

func readList(r *http.Request, read db.R) (v listView, err error) {
	user := frame.User(r)
	own, err := glass.Of(r.Context(), read, user.Account.ID)
	if err != nil {
		return v, err
	}
	if v.Own, err = rows(r, read, own); err != nil {
		return v, err
	}
	if v.Reviews = user.Grants.Hold(account.BreakGlass); !v.Reviews {
		return v, nil
	}
	undone, err := glass.Undone(r.Context(), read)
	if err != nil {
		return v, err
	}
	var due []glass.Use
	for _, u := range undone {
		if u.State != glass.Lapsed {
			due = append(due, u)
		}
	}
	if v.Undone, err = rowsOfOthers(r, read, due); err != nil {
		return v, err
	}
	closed, err := glass.Closed(r.Context(), read)
	if err != nil {
		return v, err
	}
	v.Closed, err = rowsOfOthers(r, read, closed)
	return v, err
}

// rowsOfOthers shows those uses that the user may see as somebody who opens emergency rights.
func rowsOfOthers(r *http.Request, read db.R, uses []glass.Use) ([][]nhsuk.TableCell, error) {
	var seen []glass.Use
	for _, u := range uses {
		sees, err := u.Within(r.Context(), read, frame.User(r).Reach(account.BreakGlass))
		if err != nil {
			return nil, err
		}
		if sees {
			seen = append(seen, u)
		}
	}
	return rows(r, read, seen)
}

func rows(r *http.Request, read db.R, uses []glass.Use) (list [][]nhsuk.TableCell, err error) {
	var ids []string
	for _, u := range uses {
		ids = append(ids, u.AccountID)
	}
	people, err := account.ByIDs(r.Context(), read, ids)
	if err != nil {
		return nil, err
	}
	for _, u := range uses {
		where, err := whereText(r.Context(), read, u.Scope)
		if err != nil {
			return nil, err
		}
		list = append(list, []nhsuk.TableCell{
			{Text: when.DateTime(u.Asked), Href: glass.Path(u.ID)},
			{HTML: page.Name(nameOf(people[u.AccountID]))},
			{HTML: page.Name(where)},
			{HTML: tag(u)},
		})
	}
	return list, nil
}

func nameOf(a account.Account) string {
	if a.ID == "" {
		return "An account that is no longer there"
	}
	return a.Name()
}

func whereText(ctx context.Context, read db.R, s account.Scope) (string, error) {
	return directory.ScopeText(ctx, read, s, account.Account{})
}

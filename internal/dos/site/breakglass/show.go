package breakglass

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"signpost/internal/dos/account"
	glass "signpost/internal/dos/breakglass"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

// actsOnPage is how many acts of a use are on a page.
const actsOnPage = 50

// maxOpeners is how many people are named who could open the rights.
const maxOpeners = 20

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	return p.showUse(w, r, http.StatusOK, reviewForm.New(r))
}

func (p *Pages) showUse(w http.ResponseWriter, r *http.Request, status int, typed *form.Rendered) error {
	v, err := db.Costly(r.Context(), p.office.DB, func(read db.R) (useView, error) { return p.readUse(r, read) })
	if err != nil {
		return err
	}
	if typed.HasProblems() && !v.mayReview {
		return web.SeeOther(w, r, glass.Path(v.use.ID), "Nothing changed. Look at how the use stands now.")
	}
	v.forms(r, typed)
	if v.Own && v.use.State == glass.Open {
		if v.Kept, err = p.frame.Held.Waits(r, v.use.AccountID); err != nil {
			return err
		}
	}
	v.Page = p.frame.Page(w, r, "Emergency rights of "+v.name)
	if len(v.Acts) > 0 {
		v.Page.Title = v.acts.Titled(v.Page.Title)
	}
	v.Page.BackHref = frame.EmergencyPage
	v.Page.Wide = true
	v.Page.Error = typed.HasProblems()
	if v.Own && v.use.State == glass.Waiting && !v.Reachable {
		v.Desk = v.Page.ServiceDesk
		v.Page = v.Page.WithoutDesk()
	}
	return web.Show(w, r, status, usePage(v))
}

// forms adds what the user can do about the use.
func (v *useView) forms(r *http.Request, typed *form.Rendered) {
	if v.mayOpen {
		v.Open = openForm.New(r).About(v.name)
		v.Decline = declineForm.New(r).About(v.name)
	}
	if v.mayEnd && !v.mayOpen {
		v.End = endForm.New(r).About(v.name)
	}
	if v.mayReview {
		v.Review = typed.About(v.name)
	}
}

// readUse reads a use that the user may see: their own, or one of those that they look after.
func (p *Pages) readUse(r *http.Request, read db.R) (v useView, err error) {
	ctx := r.Context()
	user := frame.User(r)
	if v.use, err = glass.ByID(ctx, read, r.PathValue("id")); err != nil {
		return v, err
	}
	v.Own = v.use.AccountID == user.Account.ID
	after, err := v.use.Within(ctx, read, user.Reach(account.BreakGlass, account.ManageUsers))
	if err != nil {
		return v, err
	}
	if !v.Own && !after {
		return v, account.ErrOutside
	}
	now := v.use.State == glass.Waiting || v.use.State == glass.Open
	v.mayEnd = now && (v.Own || after)
	if v.mayOpen, err = v.use.MayOpen(ctx, read, user.Account.ID, user.Reach(account.BreakGlass)); err != nil {
		return v, err
	}
	if err := v.readReview(r, read); err != nil {
		return v, err
	}
	if err := v.readRows(r, read); err != nil {
		return v, err
	}
	if v.use.State == glass.Waiting && v.Own {
		if err := v.readOpeners(r, read); err != nil {
			return v, err
		}
	}
	return v, p.readActs(r, read, &v)
}

// readReview reads whether the user can review the use, and if not, why.
func (v *useView) readReview(r *http.Request, read db.R) error {
	user := frame.User(r)
	if v.use.State != glass.Ended || !user.Grants.Hold(account.BreakGlass) {
		return nil
	}
	sees, err := v.use.Within(r.Context(), read, user.Reach(account.BreakGlass))
	if err != nil || !sees {
		return err
	}
	problem := v.use.ReviewProblem(r.Context(), read, user.Account.ID)
	if said, known := fault.From(problem); problem != nil && known {
		v.WhyNot = said.Message + " " + said.Cure
		return nil
	}
	v.mayReview = problem == nil
	return problem
}

func (v *useView) readRows(r *http.Request, read db.R) error {
	u := v.use
	people, err := account.ByIDs(r.Context(), read, []string{u.AccountID, u.Second, u.EndedBy, u.ReviewedBy})
	if err != nil {
		return err
	}
	where, err := whereText(r.Context(), read, u.Scope)
	if err != nil {
		return err
	}
	asker := people[u.AccountID]
	v.name = nameOf(asker)
	v.Tag = tag(u)
	v.Rows = []nhsuk.SummaryListRow{
		{Key: "Who", ValueHTML: page.Named(v.name, ", username "+asker.Username)},
		{Key: "Email", ValueHTML: page.Contact(asker.Email)},
		{Key: "Telephone", ValueHTML: page.Contact(asker.Phone)},
		{Key: "Where", ValueHTML: page.Name(where)},
		{Key: "What has happened", ValueHTML: page.Name(u.Reason)},
		{Key: "Asked", Value: when.DateTime(u.Asked)},
	}
	if asker.Phone == "" {
		v.Rows = append(v.Rows[:2], v.Rows[3:]...)
	}
	v.addTimes(people)
	if v.Own && u.State == glass.Open {
		v.Next, err = nextOf(r.Context(), read, u)
	}
	return err
}

// nextOf leads to what the rights of a use are for: its service, or the search for one of its region.
func nextOf(ctx context.Context, r db.R, u glass.Use) (page.Link, error) {
	if u.Scope.Kind == account.KindEverywhere {
		return page.Link{Text: "Find a service", Href: "/services"}, nil
	}
	found, err := directory.ByIDs(ctx, r, []string{u.Scope.ID})
	switch {
	case err != nil || len(found) == 0:
		return page.Link{Text: "Find a service", Href: "/services"}, err
	case u.Scope.Kind == account.KindRegion:
		return page.Link{Text: "Find a service in " + found[0].Shown(), Href: "/services"}, nil
	}
	return page.Link{Text: "Go to " + found[0].Shown(), Href: "/services/" + u.Scope.ID}, nil
}

// addTimes adds rows about what became of the use.
func (v *useView) addTimes(people map[string]account.Account) {
	u := v.use
	add := func(key, value string) { v.Rows = append(v.Rows, nhsuk.SummaryListRow{Key: key, Value: value}) }
	addName := func(key, id string) {
		v.Rows = append(v.Rows, nhsuk.SummaryListRow{Key: key, ValueHTML: page.Name(nameOf(people[id]))})
	}
	if u.State == glass.Waiting {
		add("Can be opened until", when.DateTime(u.WaitsUntil))
	}
	if !u.Opened.IsZero() {
		add("Opened", when.DateTime(u.Opened))
		if u.Second != "" {
			addName("Opened together with", u.Second)
		}
		key := "Ended"
		if u.State == glass.Open {
			key = "Ends by itself"
		}
		add(key, when.DateTime(u.Ends))
	}
	if u.State == glass.Declined {
		addName("Declined by", u.Second)
	}
	if u.EndedBy != "" {
		addName("Ended early by", u.EndedBy)
	}
	if u.State == glass.Reviewed {
		addName("Reviewed by", u.ReviewedBy)
		add("Reviewed", when.DateTime(u.Reviewed))
		v.Rows = append(v.Rows, nhsuk.SummaryListRow{Key: "What was found", ValueHTML: page.Name(u.Finding)})
	}
}

// readOpeners lists who could open the rights, with how to reach them: first those who can be telephoned.
func (v *useView) readOpeners(r *http.Request, read db.R) error {
	list, err := v.use.Openers(r.Context(), read)
	if err != nil {
		return err
	}
	slices.SortStableFunc(list, byNumber)
	for _, a := range list[:min(maxOpeners, len(list))] {
		v.Reachable = v.Reachable || a.Phone != ""
		v.Openers = append(v.Openers, []nhsuk.TableCell{
			{HTML: page.Name(a.Name())}, {HTML: page.Contact(cmp.Or(a.Phone, "We have none"))},
			{HTML: page.Contact(a.Email)},
		})
	}
	return nil
}

// readActs lists what was done in the use.
func (p *Pages) readActs(r *http.Request, read db.R, v *useView) (err error) {
	if v.use.Opened.IsZero() {
		return nil
	}
	v.acts, err = page.Read(r, actsOnPage, func(skip, limit int) ([]audit.Entry, int, error) {
		return v.use.Acts().Page(r.Context(), read, skip, limit)
	})
	if err != nil {
		return err
	}
	cells, err := cellsAbout(r.Context(), read, v.acts.Items, v.use.AccountID)
	if err != nil {
		return err
	}
	for i, e := range v.acts.Items {
		v.Acts = append(v.Acts, []nhsuk.TableCell{{Text: when.DateTime(e.At)},
			{HTML: page.Lines(p.frame.EventText(e), changes(e)...)}, cells[i]})
	}
	v.Count = v.acts.Count("act", "acts")
	v.Links = v.acts.Links(glass.Path(v.use.ID), r)
	return nil
}

// cellsAbout says of each act what it was about.
func cellsAbout(ctx context.Context, r db.R, acts []audit.Entry, user string) (cells []nhsuk.TableCell, err error) {
	ids := map[string][]string{}
	for _, e := range acts {
		ids[e.Subject.Kind] = append(ids[e.Subject.Kind], e.Subject.ID)
	}
	found, err := directory.ByIDs(ctx, r, ids[directory.Ref("").Kind])
	if err != nil {
		return nil, err
	}
	services := map[string]string{}
	for _, s := range found {
		services[s.ID] = s.Shown()
	}
	accounts, err := account.ByIDs(ctx, r, ids[account.Ref("").Kind])
	for _, e := range acts {
		cell := nhsuk.TableCell{Text: "Neither a service nor an account"}
		if name, is := services[e.Subject.ID]; is {
			cell = nhsuk.TableCell{HTML: page.Name(name), Href: "/services/" + e.Subject.ID}
		}
		if a, is := accounts[e.Subject.ID]; is {
			cell = nhsuk.TableCell{HTML: page.Named(a.Name(), ", username "+a.Username)}
		}
		if e.Subject == account.Ref(user) {
			cell = nhsuk.TableCell{Text: "Their own account"}
		}
		cells = append(cells, cell)
	}
	return cells, err
}

// changes words what an event of a service tells of its fields.
func changes(e audit.Entry) (lines []string) {
	var before, after map[string]string
	if e.Kind != directory.ServiceChanged || json.Unmarshal(e.Before, &before) != nil ||
		json.Unmarshal(e.After, &after) != nil {
		return nil
	}
	for field, now := range after {
		lines = append(lines, field+": before "+before[field]+", then "+now)
	}
	slices.Sort(lines)
	return lines
}

// tag says how a use stands.
func tag(u glass.Use) templ.Component {
	switch u.State {
	case glass.Waiting:
		return nhsuk.Tag(nhsuk.TagParams{Text: "Waits for a second person", Colour: nhsuk.TagAwaited})
	case glass.Open:
		return nhsuk.Tag(nhsuk.TagParams{Text: "Open", Colour: nhsuk.TagStopped})
	case glass.Ended:
		return nhsuk.Tag(nhsuk.TagParams{Text: "Not reviewed yet", Colour: nhsuk.TagAwaited})
	case glass.Reviewed:
		if u.Right {
			return nhsuk.Tag(nhsuk.TagParams{Text: "Reviewed: right", Colour: nhsuk.TagGood})
		}
		return nhsuk.Tag(nhsuk.TagParams{Text: "Reviewed: not right", Colour: nhsuk.TagStopped})
	}
	return nhsuk.Tag(nhsuk.TagParams{Text: closedText[u.State], Colour: nhsuk.TagGone})
}

var closedText = map[glass.State]string{
	glass.Declined: "Declined", glass.Withdrawn: "Withdrawn", glass.Lapsed: "Not opened in time",
}

func (p *Pages) open(w http.ResponseWriter, r *http.Request) error {
	u, err := p.office.Confirm(r.Context(), web.Actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, glass.Path(u.ID), "The emergency rights are open until "+when.DateTime(u.Ends)+".")
}

func (p *Pages) decline(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := p.office.Decline(r.Context(), web.Actor(r), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, glass.Path(id), "The emergency rights are declined. Whoever asked is told.")
}

func (p *Pages) end(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := p.office.End(r.Context(), web.Actor(r), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, glass.Path(id), "The emergency rights are ended.")
}

func (p *Pages) review(w http.ResponseWriter, r *http.Request) error {
	typed := reviewForm.Read(r)
	decision := typed.Value("decision")
	if !typed.Complete() || decision != right && decision != notRight {
		return p.showUse(w, r, http.StatusUnprocessableEntity, typed)
	}
	id := r.PathValue("id")
	err := p.office.Review(r.Context(), web.Actor(r), id, decision == right, typed.Value("finding"))
	if typed.Refuse(err) {
		return p.showUse(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.EmergencyPage, "The review is saved. Whoever used the rights is told.")
}

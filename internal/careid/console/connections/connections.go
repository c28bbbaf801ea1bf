// Package connections serves the pages on which suppliers and services look after their clients of CIS2: their teams,
// a client's settings, the reasons why it was refused, its history and the sign-out notices that it was sent. Members
// see and change the clients of their own teams. Operators see all clients, may suspend them and may send their notices
// again.
package connections

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// Connections serves the pages.
type Connections struct {
	frame    *frame.Frame
	registry client.Registry
	fetch    *fetch.Client // reads the key sets that clients publish
}

// Mount adds the pages to the site. Anybody who is signed in may come; the teams that they are in decide what they see
// and may do, on each page and again with each change.
func Mount(s *web.Site, f *frame.Frame, registry client.Registry, fetcher *fetch.Client) {
	c := &Connections{frame: f, registry: registry, fetch: fetcher}
	in := f.SignedIn()
	s.Handle("GET "+path.ConnectionsPage, in, c.home)
	f.HandleForm(s, teamForm, in, c.makeTeam)
	f.HandleForm(s, acceptForm, in, f.Freshly(acceptForm, c.accept))
	f.HandleForm(s, declineForm, in, c.decline)
	s.Handle("GET /connections/teams/{team}", in, c.team)
	f.HandleForm(s, inviteForm, in, f.Freshly(inviteForm, c.invite))
	f.HandleForm(s, withdrawForm, in, c.withdraw)
	f.HandleForm(s, removeForm, in, f.Freshly(removeForm, c.remove))
	s.Handle("GET /connections/teams/{team}/register", in, c.askNew)
	f.HandleForm(s, registerForm, in, c.register)
	s.Handle("GET "+clientsPath, in, c.clients)
	s.Handle("GET /connections/clients/{client}", in, c.client)
	s.Handle("GET /connections/clients/{client}/change", in, c.askChange)
	f.HandleForm(s, changeForm, in, c.change)
	f.HandleForm(s, secretForm, in, f.Freshly(secretForm, c.rotateSecret))
	f.HandleForm(s, endSecretForm, in, f.Freshly(endSecretForm, c.endSecret))
	f.HandleForm(s, statusForm, in, c.move)
	s.Handle("GET /connections/clients/{client}/delete", in, c.askDelete)
	f.HandleForm(s, askForm, in, c.askApproval)
	f.HandleForm(s, withdrawChangeForm, in, c.withdrawChange)
	s.Handle("GET "+approvalsPath, in, c.approvals)
	s.Handle("GET /connections/clients/{client}/approval", in, c.approval)
	f.HandleForm(s, approveForm, in, f.Freshly(approveForm, c.approve))
	f.HandleForm(s, refuseForm, in, c.refuse)
	s.Handle("GET /connections/clients/{client}/refusals", in, c.refusals)
	s.Handle("GET /connections/clients/{client}/notices", in, c.notices)
	f.HandleForm(s, againForm, in, c.again)
	f.HandleForm(s, testForm, in, c.sendTest)
	s.Handle("GET /connections/clients/{client}/history", in, c.history)
}

// permissions say what somebody may do with a client.
type permissions struct {
	edit    bool // for members of its team
	operate bool // for members of its team and operators
	decide  bool // for operators who are not in its team
}

// readClient reads a client with the permissions of the person who is signed in. To people without any, it is not
// there.
func readClient(
	ctx context.Context, r db.R, current *frame.Current, id string,
) (c client.Client, may permissions, err error) {
	if c, err = client.ByID(ctx, r, id); err != nil {
		return c, may, err
	}
	if may.edit, err = team.Has(ctx, r, c.Team, current.Identity.UUID); err != nil {
		return c, may, err
	}
	operator, err := team.Has(ctx, r, team.Operators, current.Identity.UUID)
	if err != nil {
		return c, may, err
	}
	may.decide = operator && !may.edit
	if may.operate = may.edit || operator; !may.operate {
		return c, may, fault.NotFound
	}
	return c, may, nil
}

func teamPath(id string) string   { return path.ConnectionsPage + "/teams/" + url.PathEscape(id) }
func clientPath(id string) string { return path.ConnectionsPage + "/clients/" + url.PathEscape(id) }

func (c *Connections) home(w http.ResponseWriter, r *http.Request) error {
	return c.showHome(w, r, http.StatusOK, teamForm.New(r))
}

func (c *Connections) showHome(w http.ResponseWriter, r *http.Request, status int, f *form.Rendered) error {
	v, err := db.Read(r.Context(), c.frame.DB, func(read db.R) (homeView, error) {
		v := homeView{Page: c.frame.Page(w, r, "Connections"), Form: f}
		err := v.read(r, read, frame.User(r))
		return v, err
	})
	v.Page.Wide = true
	v.Page.Error = f.HasProblems()
	if err != nil {
		return err
	}
	return web.Show(w, r, status, homePage(v))
}

// How much stands on the first page.
const (
	teamsOnPage    = 20
	firstClients   = 10 // of a team
	maxInvitations = 20
)

func (v *homeView) read(r *http.Request, read db.R, current *frame.Current) error {
	waiting, err := team.For(r.Context(), read, current.Identity, maxInvitations+1)
	if err != nil {
		return err
	}
	v.More = len(waiting) > maxInvitations
	for _, i := range waiting[:min(len(waiting), maxInvitations)] {
		v.Invitations = append(v.Invitations, invitationView{
			TeamName: i.Team.Name,
			Accept:   acceptForm.New(r).Set("invitation", i.ID),
			Decline:  declineForm.New(r).Set("invitation", i.ID),
		})
	}
	teams, err := page.Read(r, teamsOnPage, func(skip, limit int) ([]team.Team, int, error) {
		return team.Of(r.Context(), read, current.Identity.UUID, skip, limit)
	})
	if err != nil {
		return err
	}
	v.Page.Title = teams.Titled("Connections")
	v.Links = teams.Links(path.ConnectionsPage, r)
	v.Teams, err = summariesOf(r.Context(), read, teams.Items)
	return err
}

// summariesOf lists the first clients of each team; for the operators, the first of all clients.
func summariesOf(ctx context.Context, r db.R, teams []team.Team) (summaries []teamSummary, err error) {
	var ids []string
	for _, t := range teams {
		ids = append(ids, t.ID)
	}
	first, err := client.OfTeams(ctx, r, ids, firstClients)
	if err != nil {
		return nil, err
	}
	for _, t := range teams {
		s := teamSummary{Name: t.Name, Href: teamPath(t.ID), AllHref: clientsOf(t.ID)}
		s.Operators = t.ID == team.Operators
		some := first[t.ID]
		if s.Operators {
			s.Name += ": all clients"
			s.AllHref = clientsPath
			if some, s.Asked, err = ofEveryTeam(ctx, r); err != nil {
				return nil, err
			}
		}
		s.Rows = clientRows(some.Clients)
		s.All = allText(some)
		summaries = append(summaries, s)
	}
	return summaries, nil
}

// ofEveryTeam reads the first of all clients, and says how many of them wait for an operator.
func ofEveryTeam(ctx context.Context, r db.R) (some client.Some, asked string, err error) {
	some.Clients, some.Total, err = client.Find(ctx, r, client.Search{Every: true}, 0, firstClients)
	if err != nil {
		return some, "", err
	}
	asked, err = askedText(ctx, r)
	return some, asked, err
}

// allText leads to the clients that there are beside the first; empty if there are no others.
func allText(some client.Some) string {
	if some.Total <= len(some.Clients) {
		return ""
	}
	return fmt.Sprintf("See all %d clients", some.Total)
}

func clientRows(clients []client.Client) (rows [][]nhsuk.TableCell) {
	for _, one := range clients {
		rows = append(rows, []nhsuk.TableCell{
			{HTML: page.Name(one.Name), Href: clientPath(one.ID)},
			{Text: one.ID},
			{Text: methodTexts[one.AuthMethod]},
			{HTML: nhsuk.Tag(statusTag(one))},
		})
	}
	return rows
}

func statusTag(c client.Client) nhsuk.TagParams {
	switch {
	case c.Closed:
		return nhsuk.TagParams{Text: "Deleted", Colour: nhsuk.TagGone}
	case !c.Active:
		return nhsuk.TagParams{Text: "Suspended", Colour: nhsuk.TagLimited}
	case c.OnTrial():
		return nhsuk.TagParams{Text: "On trial", Colour: nhsuk.TagAwaited}
	}
	return nhsuk.TagParams{Text: "Active", Colour: nhsuk.TagGood}
}

func (c *Connections) makeTeam(w http.ResponseWriter, r *http.Request) error {
	f := teamForm.Read(r)
	id, err := c.registry.Roll().Make(r.Context(), web.Actor(r), f.Value("name"))
	if f.Refuse(err) {
		return c.showHome(w, r, http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, teamPath(id), "Team created. Register a client, or invite a colleague.")
}

func (c *Connections) accept(w http.ResponseWriter, r *http.Request) error {
	joined, err := c.registry.Roll().Accept(r.Context(), web.Actor(r), acceptForm.Read(r).Value("invitation"))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, teamPath(joined.ID), "You have joined ‘"+page.Apart(joined.Name)+"’.")
}

func (c *Connections) decline(w http.ResponseWriter, r *http.Request) error {
	if err := team.Decline(r.Context(), c.frame.DB, web.Actor(r), declineForm.Read(r).Value("invitation")); err != nil {
		return err
	}
	return web.SeeOther(w, r, path.ConnectionsPage, "Invitation declined.")
}

// breadcrumb gives the breadcrumb of a page.
func breadcrumb(items ...nhsuk.BreadcrumbItem) []nhsuk.BreadcrumbItem {
	top := []nhsuk.BreadcrumbItem{{Text: "Home", Href: "/"}, {Text: "Connections", Href: path.ConnectionsPage}}
	return append(top, items...)
}

// clientPages are the pages of a client, each with its path below the client's.
var clientPages = []page.Link{
	{Text: "Settings"},
	{Text: "Errors", Href: "/refusals"},
	{Text: "Logout notices", Href: "/notices"},
	{Text: "History", Href: "/history"},
}

// pagesOf links to the pages of one client.
func pagesOf(id, current string) []page.Link {
	var list []page.Link
	for _, one := range clientPages {
		list = append(list, page.Link{Text: one.Text, Href: clientPath(id) + one.Href, Current: one.Text == current})
	}
	return list
}

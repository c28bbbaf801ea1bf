// Package connections is where suppliers and services look after their clients of CIS2: teams, what a
// client is registered with, why it was refused, and the sign-out notices it was sent. Members see and
// change the clients of their own teams; operators see all, may suspend a client and send its notices
// again.
package connections

import (
	"context"
	"net/http"
	"net/url"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// Connections is the pages.
type Connections struct {
	frame *frame.Frame
	box   *seal.Box
}

// Mount adds the pages to the site. Whoever is signed in may come; what they see and may do is decided by
// the teams they are in, page by page, and again with each change.
func Mount(s *web.Site, f *frame.Frame, box *seal.Box) {
	c := &Connections{frame: f, box: box}
	f.Held.Fields = append(f.Held.Fields, typed()...)
	in := f.SignedIn()
	s.Handle("GET /connections", in, c.home)
	s.Handle("POST /connections/teams", in, c.makeTeam)
	s.Handle("POST /connections/invitations/accept", in, c.accept)
	s.Handle("POST /connections/invitations/decline", in, c.decline)
	s.Handle("GET /connections/teams/{team}", in, c.team)
	s.Handle("POST /connections/teams/{team}/invite", in, c.invite)
	s.Handle("POST /connections/teams/{team}/withdraw", in, c.withdraw)
	s.Handle("POST /connections/teams/{team}/remove", in, c.remove)
	s.Handle("GET /connections/teams/{team}/register", in, c.askNew)
	s.Handle("POST /connections/teams/{team}/register", in, c.register)
	s.Handle("GET /connections/clients/{client}", in, c.client)
	s.Handle("GET /connections/clients/{client}/change", in, c.askChange)
	s.Handle("POST /connections/clients/{client}/change", in, c.change)
	s.Handle("POST /connections/clients/{client}/secret", in, c.rotateSecret)
	s.Handle("POST /connections/clients/{client}/secret/end", in, c.endSecret)
	s.Handle("POST /connections/clients/{client}/status", in, c.move)
	s.Handle("GET /connections/clients/{client}/delete", in, c.askDelete)
	s.Handle("GET /connections/clients/{client}/refusals", in, c.refusals)
	s.Handle("GET /connections/clients/{client}/notices", in, c.notices)
	s.Handle("POST /connections/clients/{client}/notices/again", in, c.again)
	s.Handle("GET /connections/clients/{client}/history", in, c.history)
}

// reach is what somebody may do with a client.
type reach struct {
	edit    bool // a member of its team
	operate bool // or an operator
}

// reached reads a client for whoever is signed in; for others it is not there.
func reached(ctx context.Context, r db.R, who *frame.Current, id string) (c client.Client, may reach, err error) {
	if c, err = client.ByID(ctx, r, id); err != nil {
		return c, may, err
	}
	if may.edit, err = team.Has(ctx, r, c.Team, who.Identity.UUID); err != nil {
		return c, may, err
	}
	operator, err := team.Has(ctx, r, team.Operators, who.Identity.UUID)
	if err != nil {
		return c, may, err
	}
	if may.operate = may.edit || operator; !may.operate {
		return c, may, fault.NotFound
	}
	return c, may, nil
}

func teamPath(id string) string   { return "/connections/teams/" + url.PathEscape(id) }
func clientPath(id string) string { return "/connections/clients/" + url.PathEscape(id) }

func (c *Connections) home(w http.ResponseWriter, r *http.Request) error {
	return c.showHome(w, r, http.StatusOK, "", "")
}

func (c *Connections) showHome(w http.ResponseWriter, r *http.Request, status int, typed, problem string) error {
	v := homeView{Page: c.frame.Page(w, r, "Connections"), Name: typed, Problem: problem}
	v.Page.Wide, v.Page.Error = true, problem != ""
	err := c.frame.DB.View(r.Context(), func(read db.R) error { return v.read(r.Context(), read, frame.Who(r)) })
	if err != nil {
		return err
	}
	return web.Show(w, r, status, homePage(v))
}

func (v *homeView) read(ctx context.Context, r db.R, who *frame.Current) error {
	waiting, err := team.For(ctx, r, who.Identity)
	if err != nil {
		return err
	}
	for _, i := range waiting {
		v.Invitations = append(v.Invitations, invitationView{ID: i.ID, Words: "The team ‘" + i.Team.Name + "’ invites you to look after its clients.", TeamName: i.Team.Name})
	}
	teams, err := team.Of(ctx, r, who.Identity.UUID)
	if err != nil {
		return err
	}
	for _, t := range teams {
		clients, err := client.OfTeam(ctx, r, t.ID)
		if err != nil {
			return err
		}
		heading := t.Name
		if t.ID == team.Operators {
			if clients, err = client.All(ctx, r); err != nil {
				return err
			}
			heading += ": all clients"
		}
		v.Teams = append(v.Teams, teamSummary{Name: heading, Href: teamPath(t.ID), Rows: clientRows(clients), Operators: t.ID == team.Operators})
	}
	return nil
}

func clientRows(clients []client.Client) (rows [][]nhsuk.TableCell) {
	for _, one := range clients {
		rows = append(rows, []nhsuk.TableCell{
			{Text: one.Name, Href: clientPath(one.ID)}, {Text: one.ID}, {Text: methodWords[one.AuthMethod]}, {HTML: nhsuk.Tag(statusTag(one))},
		})
	}
	return rows
}

func statusTag(c client.Client) nhsuk.TagParams {
	switch {
	case c.Closed:
		return nhsuk.TagParams{Text: "Deleted", Colour: "grey"}
	case !c.Active:
		return nhsuk.TagParams{Text: "Suspended", Colour: "orange"}
	}
	return nhsuk.TagParams{Text: "Active", Colour: "green"}
}

func (c *Connections) makeTeam(w http.ResponseWriter, r *http.Request) error {
	name := r.PostFormValue("name")
	id, err := team.Make(r.Context(), c.frame.DB, web.Actor(r), name)
	if f, known := fault.From(err); known && f.Field == "name" {
		return c.showHome(w, r, http.StatusUnprocessableEntity, name, f.Says)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, teamPath(id), "The team is made. Register a client, or invite a colleague.")
}

func (c *Connections) accept(w http.ResponseWriter, r *http.Request) error {
	joined, err := team.Accept(r.Context(), c.frame.DB, web.Actor(r), r.PostFormValue("invitation"))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, teamPath(joined.ID), "You have joined ‘"+joined.Name+"’.")
}

func (c *Connections) decline(w http.ResponseWriter, r *http.Request) error {
	if err := team.Decline(r.Context(), c.frame.DB, web.Actor(r), r.PostFormValue("invitation")); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/connections", "The invitation is declined.")
}

// way is the way to a page, for its breadcrumb.
func way(items ...nhsuk.BreadcrumbItem) []nhsuk.BreadcrumbItem {
	return append([]nhsuk.BreadcrumbItem{{Text: "Home", Href: "/"}, {Text: "Connections", Href: "/connections"}}, items...)
}

// links are the pages of one client.
func links(id, current string) []page.Link {
	var list []page.Link
	for _, one := range []page.Link{{Text: "Settings"}, {Text: "Errors", Href: "/refusals"}, {Text: "Sign-out notices", Href: "/notices"}, {Text: "History", Href: "/history"}} {
		list = append(list, page.Link{Text: one.Text, Href: clientPath(id) + one.Href, Current: one.Text == current})
	}
	return list
}

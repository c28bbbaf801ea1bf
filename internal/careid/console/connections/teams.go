package connections

import (
	"context"
	"net/http"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

func (c *Connections) team(w http.ResponseWriter, r *http.Request) error {
	return c.showTeam(w, r, http.StatusOK, "", "")
}

func (c *Connections) showTeam(w http.ResponseWriter, r *http.Request, status int, typed, problem string) error {
	v := teamView{ID: r.PathValue("team"), Invite: typed, Problem: problem}
	err := c.frame.DB.View(r.Context(), func(read db.R) error { return v.read(r.Context(), read, frame.Who(r)) })
	if err != nil {
		return err
	}
	v.Page = c.frame.Page(w, r, v.Name)
	v.Page.Wide, v.Page.Error, v.Page.Breadcrumb = true, problem != "", way()
	return web.Show(w, r, status, teamPage(v))
}

// mine reads a team of whoever is signed in; for others it is not there.
func mine(ctx context.Context, r db.R, who *frame.Current, id string) (team.Team, error) {
	member, err := team.Has(ctx, r, id, who.Identity.UUID)
	if err != nil {
		return team.Team{}, err
	}
	if !member {
		return team.Team{}, fault.NotFound
	}
	return team.ByID(ctx, r, id)
}

func (v *teamView) read(ctx context.Context, r db.R, who *frame.Current) error {
	t, err := mine(ctx, r, who, v.ID)
	if err != nil {
		return err
	}
	v.Name, v.Path, v.Operators = t.Name, teamPath(t.ID), t.ID == team.Operators
	clients, err := client.OfTeam(ctx, r, v.ID)
	if err != nil {
		return err
	}
	v.Clients = clientRows(clients)
	members, err := team.Members(ctx, r, v.ID)
	if err != nil {
		return err
	}
	for _, m := range members {
		v.Members = append(v.Members, memberView{UUID: m.UUID, Name: m.Name, Since: web.Date(m.Since), Self: m.UUID == who.Identity.UUID, May: len(members) > 1})
	}
	waiting, err := team.Invitations(ctx, r, v.ID)
	if err != nil {
		return err
	}
	for _, i := range waiting {
		v.Waiting = append(v.Waiting, invitationView{ID: i.ID, Words: i.To + ", invited " + web.Date(i.Made), TeamName: i.To})
	}
	return nil
}

func (c *Connections) invite(w http.ResponseWriter, r *http.Request) error {
	typed := r.PostFormValue("invite")
	err := team.Invite(r.Context(), c.frame.DB, web.Actor(r), r.PathValue("team"), typed)
	if f, known := fault.From(err); known && f.Field == "invite" {
		return c.showTeam(w, r, http.StatusUnprocessableEntity, typed, f.Says)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, teamPath(r.PathValue("team")), "If there is such a person, they find the invitation under Connections when they sign in here.")
}

func (c *Connections) withdraw(w http.ResponseWriter, r *http.Request) error {
	if err := team.Withdraw(r.Context(), c.frame.DB, web.Actor(r), r.PathValue("team"), r.PostFormValue("invitation")); err != nil {
		return err
	}
	return web.SeeOther(w, r, teamPath(r.PathValue("team")), "The invitation is withdrawn.")
}

func (c *Connections) remove(w http.ResponseWriter, r *http.Request) error {
	uuid := r.PostFormValue("member")
	if err := team.Remove(r.Context(), c.frame.DB, web.Actor(r), r.PathValue("team"), uuid); err != nil {
		return err
	}
	if uuid == frame.Who(r).Identity.UUID {
		return web.SeeOther(w, r, "/connections", "You have left the team.")
	}
	return web.SeeOther(w, r, teamPath(r.PathValue("team")), "They are not in the team any more.")
}

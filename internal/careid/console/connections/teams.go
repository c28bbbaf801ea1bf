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
	"signpost/internal/platform/web/form"
)

func (c *Connections) team(w http.ResponseWriter, r *http.Request) error {
	return c.showTeam(w, r, http.StatusOK, inviteForm.New(r))
}

func (c *Connections) showTeam(w http.ResponseWriter, r *http.Request, status int, invite *form.Rendered) error {
	v := teamView{ID: r.PathValue("team"), Invite: invite}
	err := c.frame.DB.View(r.Context(), func(read db.R) error { return v.read(r, read, frame.Who(r)) })
	if err != nil {
		return err
	}
	v.Page = c.frame.Page(w, r, v.Name)
	v.Page.Wide = true
	v.Page.Error = invite.Wrong()
	v.Page.Breadcrumb = way()
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

func (v *teamView) read(r *http.Request, read db.R, who *frame.Current) error {
	ctx := r.Context()
	t, err := mine(ctx, read, who, v.ID)
	if err != nil {
		return err
	}
	v.Name, v.Path, v.Operators = t.Name, teamPath(t.ID), t.ID == team.Operators
	clients, err := client.OfTeam(ctx, read, v.ID)
	if err != nil {
		return err
	}
	v.Clients = clientRows(clients)
	members, err := team.Members(ctx, read, v.ID)
	if err != nil {
		return err
	}
	for _, m := range members {
		v.Members = append(v.Members, memberView{
			UUID: m.UUID, Name: m.Name, Since: web.Date(m.Since), Self: m.UUID == who.Identity.UUID,
			May:    len(members) > 1,
			Remove: removeForm.New(r).Set("member", m.UUID),
		})
	}
	waiting, err := team.Invitations(ctx, read, v.ID)
	if err != nil {
		return err
	}
	for _, i := range waiting {
		v.Waiting = append(v.Waiting, invitationView{
			Words: i.To + ", invited " + web.Date(i.Made), TeamName: i.To,
			Withdraw: withdrawForm.New(r).Set("invitation", i.ID),
		})
	}
	return nil
}

func (c *Connections) invite(w http.ResponseWriter, r *http.Request) error {
	typed := inviteForm.Read(r)
	err := team.Invite(r.Context(), c.frame.DB, web.Actor(r), r.PathValue("team"), typed.Value("invite"))
	if typed.Refuse(err) {
		return c.showTeam(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, teamPath(r.PathValue("team")), "If there is such a person, they find the invitation under Connections when they sign in here.")
}

func (c *Connections) withdraw(w http.ResponseWriter, r *http.Request) error {
	id := withdrawForm.Read(r).Value("invitation")
	if err := team.Withdraw(r.Context(), c.frame.DB, web.Actor(r), r.PathValue("team"), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, teamPath(r.PathValue("team")), "The invitation is withdrawn.")
}

func (c *Connections) remove(w http.ResponseWriter, r *http.Request) error {
	uuid := removeForm.Read(r).Value("member")
	if err := team.Remove(r.Context(), c.frame.DB, web.Actor(r), r.PathValue("team"), uuid); err != nil {
		return err
	}
	if uuid == frame.Who(r).Identity.UUID {
		return web.SeeOther(w, r, "/connections", "You have left the team.")
	}
	return web.SeeOther(w, r, teamPath(r.PathValue("team")), "They are not in the team any more.")
}

package connections

import (
	"context"
	"net/http"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/national/path"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
	"signpost/internal/platform/when"
)

func (c *Connections) team(w http.ResponseWriter, r *http.Request) error {
	return c.showTeam(w, r, http.StatusOK, inviteForm.New(r))
}

func (c *Connections) showTeam(w http.ResponseWriter, r *http.Request, status int, invite *form.Rendered) error {
	v, err := db.Read(r.Context(), c.frame.DB, func(read db.R) (teamView, error) {
		v := teamView{ID: r.PathValue("team"), Invite: invite}
		err := v.read(r, read, frame.User(r))
		return v, err
	})
	if err != nil {
		return err
	}
	invite.About(v.Name)
	v.Page = c.frame.Page(w, r, v.title)
	v.Page.Wide = true
	v.Page.Error = invite.HasProblems()
	v.Page.Breadcrumb = breadcrumb()
	return web.Show(w, r, status, teamPage(v))
}

// ownTeam reads a team of the person who is signed in. To people who are not its members, it is not there.
func ownTeam(ctx context.Context, r db.R, current *frame.Current, id string) (team.Team, error) {
	member, err := team.Has(ctx, r, id, current.Identity.UUID)
	if err != nil {
		return team.Team{}, err
	}
	if !member {
		return team.Team{}, fault.NotFound
	}
	return team.ByID(ctx, r, id)
}

func (v *teamView) read(r *http.Request, read db.R, current *frame.Current) error {
	ctx := r.Context()
	t, err := ownTeam(ctx, read, current, v.ID)
	if err != nil {
		return err
	}
	v.Name = t.Name
	v.Path = teamPath(t.ID)
	v.Operators = t.ID == team.Operators
	var some client.Some
	some.Clients, some.Total, err = client.Find(ctx, read, client.Search{Teams: []string{v.ID}}, 0, firstClients)
	if err != nil {
		return err
	}
	v.Clients = clientRows(some.Clients)
	v.All = allText(some)
	v.AllHref = clientsOf(v.ID)
	if v.Operators {
		if v.Asked, err = askedText(ctx, read); err != nil {
			return err
		}
	}
	if err := v.readMembers(r, read, current); err != nil {
		return err
	}
	return v.readWaiting(r, read)
}

// membersOnPage is how many members of a team are on a page.
const membersOnPage = 20

func (v *teamView) readMembers(r *http.Request, read db.R, current *frame.Current) error {
	members, err := page.Read(r, membersOnPage, func(skip, limit int) ([]team.Member, int, error) {
		return team.Members(r.Context(), read, v.ID, skip, limit)
	})
	v.Members = nil
	for _, m := range members.Items {
		v.Members = append(v.Members, memberView{
			UUID:   m.UUID,
			Name:   m.Name,
			Since:  when.Date(m.Since),
			Self:   m.UUID == current.Identity.UUID,
			MayGo:  members.Total > 1,
			Remove: removeForm.New(r).Set("member", m.UUID),
		})
	}
	v.Links = members.Links(v.Path, r)
	v.MemberCount = members.Count("member", "members")
	v.title = members.Titled(v.Name)
	return err
}

// readWaiting lists the invitations that nobody has answered yet.
func (v *teamView) readWaiting(r *http.Request, read db.R) error {
	waiting, err := team.Invitations(r.Context(), read, v.ID)
	v.Waiting = nil
	for _, i := range waiting {
		v.Waiting = append(v.Waiting, invitationView{
			Made:     when.Date(i.Made),
			TeamName: i.To,
			Withdraw: withdrawForm.New(r).Set("invitation", i.ID),
		})
	}
	return err
}

func (c *Connections) invite(w http.ResponseWriter, r *http.Request) error {
	typed := inviteForm.Read(r)
	err := c.registry.Roll().Invite(r.Context(), web.Actor(r), r.PathValue("team"), typed.Value("invite"))
	if typed.Refuse(err) {
		return c.showTeam(w, r, http.StatusUnprocessableEntity, typed)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, teamPath(r.PathValue("team")),
		"If there is such a person, they find the invitation under Connections when they log in here.")
}

func (c *Connections) withdraw(w http.ResponseWriter, r *http.Request) error {
	id := withdrawForm.Read(r).Value("invitation")
	if err := team.Withdraw(r.Context(), c.frame.DB, web.Actor(r), r.PathValue("team"), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, teamPath(r.PathValue("team")), "Invitation withdrawn.")
}

func (c *Connections) remove(w http.ResponseWriter, r *http.Request) error {
	uuid := removeForm.Read(r).Value("member")
	if err := c.registry.Roll().Remove(r.Context(), web.Actor(r), r.PathValue("team"), uuid); err != nil {
		return err
	}
	if uuid == frame.User(r).Identity.UUID {
		return web.SeeOther(w, r, path.ConnectionsPage, "You have left the team.")
	}
	return web.SeeOther(w, r, teamPath(r.PathValue("team")), "They are no longer in the team.")
}

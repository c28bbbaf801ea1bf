package connections

import (
	"context"
	"net/http"
	"net/url"

	"github.com/a-h/templ"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// clientsPath is the page of all clients that somebody may see.
const clientsPath = "/connections/clients"

const (
	clientsOnPage = 50
	maxOwnTeams   = 1000 // of one person, whose clients are listed together; nobody is in more
)

// findForm finds clients, of one team if it says which.
var findForm = form.Form{
	Path: clientsPath, Get: true, Attributes: templ.Attributes{"role": "search"},
	Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "q", Label: nhsuk.LabelParams{Text: "Search for a client", Size: "s"},
			Hint: "Its name, owner or client id", Autocomplete: "off", Spellcheck: "false",
		}),
		form.Hidden("team"),
	},
}

func clientsOf(teamID string) string { return clientsPath + "?team=" + url.QueryEscape(teamID) }

// clients lists the clients of the teams of the person who is signed in; for operators, those of every team.
func (c *Connections) clients(w http.ResponseWriter, r *http.Request) error {
	typed := findForm.Read(r)
	v, err := db.Costly(r.Context(), c.frame.DB, func(read db.R) (clientsView, error) {
		return readClients(r, read, frame.User(r), typed)
	})
	if err != nil {
		return err
	}
	v.Form = typed
	v.Page = c.frame.Page(w, r, v.title)
	v.Page.Wide = true
	v.Page.Breadcrumb = breadcrumb()
	return web.Show(w, r, http.StatusOK, clientsPage(v))
}

func readClients(r *http.Request, read db.R, current *frame.Current, typed *form.Rendered) (v clientsView, err error) {
	search, heading, err := searchOf(r.Context(), read, current, typed.Value("team"))
	if err != nil {
		return v, err
	}
	search.Words = typed.Value("q")
	list, err := page.Read(r, clientsOnPage, func(skip, limit int) ([]client.Client, int, error) {
		return client.Find(r.Context(), read, search, skip, limit)
	})
	if err != nil {
		return v, err
	}
	v.Heading = heading
	v.Searched = search.Words != ""
	v.Count = list.Count("client", "clients")
	v.title = list.Titled(heading)
	if v.Searched {
		v.title = list.Titled("Search for a client: " + v.Count)
	}
	v.Links = list.Links(clientsPath, r)
	v.Rows, err = rowsWithTeams(r.Context(), read, list.Items)
	return v, err
}

// searchOf gives the search for the clients that somebody may see, of one team or of all, and what they are called. To
// people who may not see a team's clients, the team is not there.
func searchOf(
	ctx context.Context, r db.R, current *frame.Current, teamID string,
) (s client.Search, heading string, err error) {
	s.Every, err = team.Has(ctx, r, team.Operators, current.Identity.UUID)
	if err != nil {
		return s, "", err
	}
	if teamID != "" {
		one, err := seenTeam(ctx, r, current, teamID, s.Every)
		return client.Search{Teams: []string{teamID}}, "Clients of " + one.Name, err
	}
	if s.Every {
		return s, "All clients", nil
	}
	teams, _, err := team.Of(ctx, r, current.Identity.UUID, 0, maxOwnTeams)
	for _, t := range teams {
		s.Teams = append(s.Teams, t.ID)
	}
	return s, "Clients of your teams", err
}

// seenTeam reads a team of the person who is signed in, or any team for operators.
func seenTeam(ctx context.Context, r db.R, current *frame.Current, id string, operator bool) (team.Team, error) {
	if operator {
		return team.ByID(ctx, r, id)
	}
	return ownTeam(ctx, r, current, id)
}

// rowsWithTeams shows clients with the team that looks after each.
func rowsWithTeams(ctx context.Context, r db.R, list []client.Client) ([][]nhsuk.TableCell, error) {
	var ids []string
	for _, one := range list {
		ids = append(ids, one.Team)
	}
	teams, err := team.ByIDs(ctx, r, ids)
	rows := clientRows(list)
	for n, one := range list {
		rows[n] = append(rows[n], nhsuk.TableCell{HTML: page.Name(teamName(one, teams[one.Team]))})
	}
	return rows, err
}

func teamName(c client.Client, t team.Team) string {
	if c.Own() {
		return "This system"
	}
	return t.Name
}

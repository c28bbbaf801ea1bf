package console_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/jwt"
)

// addClients registers clients of a team, from one number to before another.
func (w *world) addClients(teamID, name string, from, to int) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		for i := from; i < to; i++ {
			c := client.Client{
				ID: fmt.Sprintf("%s-%03d.apps.supplier", strings.ToLower(name), i), Name: fmt.Sprintf("%s %03d", name, i),
				Owner: "Fenmarch Software Ltd", AuthMethod: client.ClientSecretPost, Active: true,
				RedirectURIs: []string{"https://rota.example/callback"}, Scopes: []string{"openid"},
				IDTokenAlgorithm: jwt.RS256, BackchannelLogoutURI: "https://rota.example/logout",
			}
			if err := client.Register(ctx, u, w.Box, c, "a secret of many letters"); err != nil {
				return err
			}
			if err := client.Give(ctx, u, c.ID, teamID); err != nil {
				return err
			}
		}
		return nil
	})
}

// Home shows the first clients of each team, and a list that can be searched has all of them. Neither asks the database
// more often for more of them.
func TestClientsGoThroughPages(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	at := b.team("Fenmarch Software")
	other := w.signedInAs(w.another("Ben"))
	w.addClients(idOf(other.team("Elsewhere")), "Handover", 0, 3)
	b.get("/connections/clients").has(t, "No clients found", "page of a team")
	asked := map[string][]int{}
	for _, to := range []int{2, 60} {
		w.addClients(idOf(at), "Rota", to-2, to)
		for _, path := range []string{"/connections", at, "/connections/clients", "/connections/clients?q=rota"} {
			asked[path] = append(asked[path], len(dbtest.Statements(t, w.DB, func() { b.get(path) })))
		}
		w.addClients(idOf(at), "Rota", to, 58)
	}
	for path, n := range asked {
		if n[0] != n[1] {
			t.Errorf("%s: statements by rows: %v", path, n)
		}
	}
	p := b.get("/connections")
	p.has(t, "Rota 009", "See all 60 clients")
	p.lacks(t, "Rota 010")
	p = b.get(at)
	p.has(t, "Rota 009", "See all 60 clients")
	p.lacks(t, "Rota 010")
	p = b.get("/connections/clients?team=" + idOf(at))
	p.has(t, "Clients of Fenmarch Software", "1 to 50 of 60 clients", "Next: 2 of 2")
	p.lacks(t, "Rota 050")
	b.get("/connections/clients?page=2").has(t, "Clients of your teams", "51 to 60 of 60 clients", "Rota 059")
	p = b.get("/connections/clients?q=rota-007")
	p.has(t, "1 client", "Rota 007", "Fenmarch Software")
	p.lacks(t, "Rota 008")
	b.get("/connections/clients?q=ltd&page=9").has(t, "51 to 60 of 60 clients")
	b.get("/connections/clients?q=handover").has(t, "No clients found", "see all clients that you may see")
	if p = other.get("/connections/clients?team=" + idOf(at)); p.status != http.StatusNotFound {
		t.Errorf("another team's clients: %d", p.status)
	}
	p = other.get("/connections/clients")
	p.has(t, "3 clients")
	p.lacks(t, "Rota")
	p = w.signedInAs(w.another("Cy")).get("/connections/clients")
	p.has(t, "No clients found")
	p.lacks(t, "Rota", "Handover")
}

// Operators find the clients of every team, and read each list of what waits for them a page at a time.
func TestOperatorsGoThroughPages(t *testing.T) {
	w := open(t)
	at := w.signedIn().team("Fenmarch Software")
	olive := w.operator("Olive")
	asked := map[string][]int{}
	for _, to := range []int{2, 60} {
		w.addClients(idOf(at), "Rota", to-2, to)
		for _, path := range []string{"/connections", "/connections/clients", "/connections/approvals"} {
			asked[path] = append(asked[path], len(dbtest.Statements(t, w.DB, func() { olive.get(path) })))
		}
		w.addClients(idOf(at), "Rota", to, 58)
	}
	for path, n := range asked {
		if n[0] != n[1] {
			t.Errorf("%s: statements by rows: %v", path, n)
		}
	}
	p := olive.get("/connections")
	p.has(t, "Rota 009", "See all 60 clients")
	p.lacks(t, "Rota 010")
	olive.get("/connections/clients?page=2").has(t, "All clients", "51 to 60 of 60 clients", "Rota 059")
	olive.get("/connections/clients?team="+idOf(at)).has(t, "Clients of Fenmarch Software")
}

// Members of a team, and the clients' errors, notices and history, are read a page at a time.
func TestWhatATeamLooksAfterGoesThroughPages(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	at := b.team("Fenmarch Software")
	path := b.register(at, rota())
	asked := map[string][]int{}
	for _, n := range []int{2, 58} {
		w.fill(idOf(at), idOf(path), n)
		for _, page := range []string{at, path + "/refusals", path + "/notices", path + "/history"} {
			asked[page] = append(asked[page], len(dbtest.Statements(t, w.DB, func() { b.get(page) })))
		}
	}
	for page, n := range asked {
		if n[0] != n[1] {
			t.Errorf("%s: statements by rows: %v", page, n)
		}
	}
	b.get(at).has(t, "1 to 20 of 61 members", "Next: 2 of 4")
	b.get(at+"?page=4").has(t, "61 of 61 members", "Previous: 3 of 4")
	b.get(path+"/notices").has(t, "1 to 50 of 60 notices", "Next: 2 of 2")
	b.get(path+"/notices?page=2").has(t, "51 to 60 of 60 notices")
	b.get(path+"/history").has(t, "1 to 50 of 61 events", "Next: 2 of 2")
	b.get(path+"/history?page=2").has(t, "51 to 61 of 61 events", "Registered")
}

// fill gives a team more members, and a client more errors, notices and events.
func (w *world) fill(teamID, clientID string, n int) {
	w.Helper()
	for i := range n {
		place := []string{client.AtAuthorize, client.AtToken}[i%2]
		refusal := client.Refusal{ClientID: clientID, Place: place, Code: "invalid_request", Reason: fmt.Sprint(n, "-", i)}
		if err := client.NoteRefusal(w.Context(), w.DB, refusal); err != nil {
			w.Fatal(err)
		}
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		for i := range n {
			one, err := identity.Add(ctx, u, identity.New{GivenName: "Dee", FamilyName: fmt.Sprint("Vale", i)})
			if err != nil {
				return err
			}
			sid := fmt.Sprint(n, "-", i)
			if err := team.Join(ctx, u, teamID, one.UUID); err != nil {
				return err
			}
			if err := backchannel.Visit(ctx, u, sid, clientID, one.UUID); err != nil {
				return err
			}
			if err := backchannel.Notify(ctx, u, sid, one.UUID); err != nil {
				return err
			}
			if err := u.Record(ctx, audit.Event{Kind: client.EventSuspended, Subject: client.Ref(clientID)}); err != nil {
				return err
			}
		}
		return nil
	})
}

// Somebody whom many teams invite sees some of the invitations, and answers any of them.
func TestManyInvitationsAreShownInParts(t *testing.T) {
	w := open(t)
	ben := w.another("Ben")
	w.Update(func(ctx context.Context, u *db.W) error {
		for i := range 23 {
			if err := team.Add(ctx, u, team.Team{ID: fmt.Sprint("t", i), Name: fmt.Sprintf("Team %02d", i)}); err != nil {
				return err
			}
			if err := team.Join(ctx, u, fmt.Sprint("t", i), w.ada); err != nil {
				return err
			}
		}
		return nil
	})
	ada := w.signedIn()
	for i := range 23 {
		p := ada.post(fmt.Sprintf("/connections/teams/t%d/invite", i), "invite", ben)
		if p.status != http.StatusSeeOther {
			t.Fatalf("invite: %d %s", p.status, p.text)
		}
	}
	ada.get("/connections").has(t, "Next: 2 of 2")
	p := w.signedInAs(ben).get("/connections")
	p.has(t, "Other teams have invited you too")
	if n := strings.Count(p.text, "invites you to look after"); n != 20 {
		t.Errorf("%d invitations are shown, want 20", n)
	}
}

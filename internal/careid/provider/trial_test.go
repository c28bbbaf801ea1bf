package provider_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

const rotaTeam = "rota"

// trial makes a world in which a team looks after the client, which is on trial. Ada is in the team, and Bo is not.
func trial(t *testing.T) (w *world, adas, bos *logintest.Device) {
	t.Helper()
	w, adas = withKey(t)
	bos = w.Another(t)
	w.ByDesk(func(dw *db.W) error {
		ctx := w.Context()
		if err := team.Add(ctx, dw, team.Team{ID: rotaTeam, Name: "Rota team"}); err != nil {
			return err
		}
		if err := team.Join(ctx, dw, rotaTeam, w.UUID); err != nil {
			return err
		}
		if err := client.Give(ctx, dw, logintest.ClientID, rotaTeam); err != nil {
			return err
		}
		const onTrial = `UPDATE provider_client SET approved_at = NULL, asked_at = $1,
			settings = replace(settings, 'Directory of Services', 'Rota') WHERE client_id = $2`
		_, err := dw.Exec(ctx, onTrial, dw.Now(), logintest.ClientID)
		return err
	})
	return w, adas, bos
}

func (w *world) client() client.Client {
	return worldtest.Must(db.Read(w.Context(), w.DB, func(r db.R) (client.Client, error) {
		return client.ByID(w.Context(), r, logintest.ClientID)
	}))(w)
}

// approve approves the client as it is.
func (w *world) approve() {
	w.Helper()
	w.ByDesk(func(dw *db.W) error { return client.ApprovePart(w.Context(), dw, w.client()) })
}

// atAnother is the request of another service, which belongs to this system itself.
func atAnother() url.Values {
	return logintest.Request("client_id", logintest.OtherID, "redirect_uri", "http://localhost:3000/cb",
		"scope", "openid profile")
}

func code(to *url.URL) string { return to.Query().Get("code") }

// Whoever registered a client could read, with a link and without a page, who is logged in on any browser.
func TestOnlyItsTeamLogsInToAClientOnTrial(t *testing.T) {
	w, adas, bos := trial(t)
	if got := code(w.Browser().SignIn(logintest.Request(), adas)); got == "" {
		t.Fatal("a member of the team could not log in")
	}
	b := w.Browser()
	at := b.Begin(logintest.Request())
	if page := logintest.Text(b.Get(at)); !strings.Contains(page, "only the team that connects it can log in") {
		t.Errorf("the page does not say that it is on trial:\n%s", page)
	}
	b.Prove(at, bos)
	refused := logintest.Text(b.Get(at))
	for _, want := range []string{"This service is on trial", "Log in to Rota", "Rota team", "Who to ask"} {
		if !strings.Contains(refused, want) {
			t.Errorf("the refusal of a stranger lacks %q:\n%s", want, refused)
		}
	}
	if n := len(w.Events("signin.refused")); n != 1 {
		t.Errorf("%d refusals are recorded", n)
	}
	w.approve()
	if got := code(w.Browser().SignIn(logintest.Request(), bos)); got == "" {
		t.Error("approved: somebody else could not log in")
	}
}

// Also the session that a stranger has on the browser gives a client on trial nothing, with a page or without.
func TestASessionOfAStrangerGivesAClientOnTrialNothing(t *testing.T) {
	w, _, bos := trial(t)
	b := w.Browser()
	b.SignIn(atAnother(), bos)
	if got, errorCode := b.Silently(logintest.Request()); got != "" || errorCode != "interaction_required" {
		t.Errorf("silently: code %q, error %q", got, errorCode)
	}
	at := b.Begin(logintest.Request())
	if page := logintest.Text(b.Get(at)); !strings.Contains(page, "This service is on trial") {
		t.Errorf("with a page: %s\n%s", at, page)
	}
	if to := b.Send(at + "/again"); to != at {
		t.Errorf("log in another way leads to %q", to)
	}
	if page := logintest.Text(b.Get(at)); !strings.Contains(page, "How do you want to log in?") {
		t.Errorf("nobody else can log in: %s", page)
	}
}

// Whoever is logged in and comes to a service for the first time is asked, and silence is refused.
func TestTheFirstTimeAPageSaysWhoseServiceItIs(t *testing.T) {
	w, adas, bos := trial(t)
	w.approve()
	b := w.Browser()
	b.SignIn(atAnother(), bos)
	if got, errorCode := b.Silently(logintest.Request()); got != "" || errorCode != "interaction_required" {
		t.Errorf("silently, the first time: code %q, error %q", got, errorCode)
	}
	at := b.Begin(logintest.Request())
	page := logintest.Text(b.Get(at))
	for _, want := range []string{"Do you want to log in to Rota?", "Bo Example", "Rota team"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q:\n%s", want, page)
		}
	}
	to, err := url.Parse(b.Send(at + "/continue"))
	if err != nil || code(to) == "" {
		t.Fatalf("continued to %s", to)
	}
	if got, errorCode := b.Silently(logintest.Request()); got == "" {
		t.Errorf("silently, the second time: %s", errorCode)
	}
	if got, errorCode := w.loggedIn(adas).Silently(logintest.Request()); got == "" {
		t.Errorf("silently, after a login with a page: %s", errorCode)
	}
}

func (w *world) loggedIn(d *logintest.Device) *logintest.Browser {
	b := w.Browser()
	b.SignIn(logintest.Request(), d)
	return b
}

// A new address of an approved client waits: the team tries it, nobody else gets there, and the old one serves all.
func TestWhatWaitsIsOnTrialAndWhatIsApprovedServes(t *testing.T) {
	w, adas, bos := trial(t)
	w.approve()
	by := actor.Actor{Kind: actor.Person, ID: w.UUID, Name: "Ada Example"}
	c := w.client()
	c.Owner = "Rota Ltd"
	c.Contact = "rota@example.nhs.uk"
	c.Name = "Handover"
	c.RedirectURIs = append(c.RedirectURIs, "https://elsewhere.example/callback")
	worldtest.Must(w.Registry().Change(t.Context(), by, c))(t)

	elsewhere := logintest.Request("redirect_uri", "https://elsewhere.example/callback")
	if got := code(w.Browser().SignIn(elsewhere, adas)); got == "" {
		t.Error("the team cannot try the new address")
	}
	b := w.Browser()
	at := b.Begin(elsewhere)
	b.Prove(at, bos)
	refused := logintest.Text(b.Get(at))
	if !strings.Contains(refused, "This service is on trial") || strings.Contains(refused, "Handover") {
		t.Errorf("a stranger at the new address:\n%s", refused)
	}
	if got := code(w.Browser().SignIn(logintest.Request(), bos)); got == "" {
		t.Error("the approved address serves nobody")
	}
	unknown := w.Browser().Get(logintest.Realm + "/authorize?" +
		logintest.Request("redirect_uri", "https://nowhere.example/").Encode())
	if unknown.StatusCode != http.StatusForbidden {
		t.Errorf("an address that is nowhere: %d", unknown.StatusCode)
	}
	w.approve()
	if got := code(w.Browser().SignIn(elsewhere, bos)); got == "" {
		t.Error("the new address serves nobody after its approval")
	}
}

// Whoever leaves the team while their login is under way does not finish it.
func TestWhoLeftTheTeamMeanwhileGetsNoCode(t *testing.T) {
	w, adas, _ := trial(t)
	w.Position("S8000:G8000:R8001")
	b := w.Browser()
	at := b.Begin(logintest.Request("scope", "openid selectedrole"))
	b.Prove(at, adas)
	w.ByDesk(func(dw *db.W) error {
		if _, err := dw.Exec(t.Context(), `DELETE FROM provider_team_member`); err != nil {
			return err
		}
		return team.Join(t.Context(), dw, rotaTeam, "900000000000")
	})
	if to := b.Send(at+"/role", "role", w.Roles()[0]); strings.Contains(to, "code=") {
		t.Errorf("they get a code: %s", to)
	}
	if page := logintest.Text(b.Get(at)); !strings.Contains(page, "This service is on trial") {
		t.Errorf("they are not told why:\n%s", page)
	}
}

// Whoever leaves the team before their code is redeemed gets no tokens.
func TestWhoLeftTheTeamMeanwhileGetsNoTokens(t *testing.T) {
	w, adas, _ := trial(t)
	if got := w.Redeem(code(w.Browser().SignIn(logintest.Request(), adas))); got.AccessToken == "" {
		t.Fatalf("a member of the team: %+v", got)
	}
	given := code(w.Browser().SignIn(logintest.Request(), adas))
	w.ByDesk(func(dw *db.W) error {
		_, err := dw.Exec(t.Context(), `DELETE FROM provider_team_member WHERE uuid = $1`, w.UUID)
		return errors.Join(err, team.Join(t.Context(), dw, rotaTeam, "900000000000"))
	})
	if got := w.Redeem(given); got.Error != "invalid_grant" || got.AccessToken != "" {
		t.Errorf("they get tokens: %+v", got)
	}
}

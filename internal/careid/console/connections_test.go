package console_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/team"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
)

// signedInAs gives a browser on which somebody is signed in.
func (w *world) signedInAs(uuid string) *browser {
	w.Helper()
	w.issuer.Person.Subject = uuid
	return w.signedIn()
}

// team makes a team as the browser's person and gives its path.
func (b *browser) team(name string) string {
	b.w.Helper()
	p := b.post("/connections/teams", "name", name)
	if p.status != http.StatusSeeOther || !strings.HasPrefix(p.location, "/connections/teams/") {
		b.w.Fatalf("make a team: %d %q %s", p.status, p.location, p.text)
	}
	return p.location
}

// rota gives the filled form of a client with a secret.
func rota() url.Values {
	return url.Values{
		"sector": {"supplier"}, "client_name": {"Rota"}, "owner": {"Fenmarch Software Ltd"}, "contact": {"rota@fenmarch.example"},
		"token_endpoint_auth_method": {"client_secret_post"}, "redirect_uris": {"https://rota.example/callback"}, "scope": {"openid", "profile"},
		"id_token_signed_response_alg": {"RS256"}, "userinfo_signed_response_alg": {""}, "backchannel_logout_uri": {"https://rota.example/logout"},
	}
}

// register registers a client and gives its path.
func (b *browser) register(teamPath string, form url.Values) string {
	b.w.Helper()
	p := b.do(http.MethodPost, teamPath+"/register", form)
	if p.status != http.StatusSeeOther || !strings.HasPrefix(p.location, "/connections/clients/") {
		b.w.Fatalf("register: %d %q %s", p.status, p.location, p.text)
	}
	return p.location
}

var secretShown = regexp.MustCompile(`<code class="signpost-code" id="secret">([^<]+)</code>`)

// secret gives the secret that a page shows.
func (p page) secret() string {
	if m := secretShown.FindStringSubmatch(p.markup); m != nil {
		return m[1]
	}
	return ""
}

func idOf(path string) string { return path[strings.LastIndex(path, "/")+1:] }

func (w *world) clientOf(path string) (c client.Client) {
	w.Helper()
	w.view(func(ctx context.Context, r db.R) (err error) {
		c, err = client.ByID(ctx, r, idOf(path))
		return err
	})
	return c
}

func (w *world) view(fn func(ctx context.Context, r db.R) error) {
	w.Helper()
	if err := w.DB.View(w.Context(), func(r db.R) error { return fn(w.Context(), r) }); err != nil {
		w.Fatal(err)
	}
}

func TestATeamRegistersAClient(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	path := b.register(b.team("Fenmarch Software"), rota())
	p := b.get(path)
	p.has(t, "The client is registered and ready to use.", "Rota", idOf(path), "Active",
		"https://rota.example/callback",
		"With a secret in the form", "openid, profile", "Plain JSON")
	secret := p.secret()
	if c := w.clientOf(path); !c.HasSecret(w.Box, secret) || !c.Active {
		t.Errorf("the secret that is shown, %q, does not open the client", secret)
	}
	if again := b.get(path).secret(); again != "" {
		t.Error("the secret is shown a second time")
	}
	b.get("/connections").has(t, "Fenmarch Software", "Rota", idOf(path))
	if strings.Contains(w.log.String(), secret) {
		t.Error("the log holds the secret")
	}
}

func TestTheFormNamesEachMistakeAndKeepsWhatWasTyped(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	at := b.team("Fenmarch Software")
	form := rota()
	form["redirect_uris"] = []string{"http://rota.example/callback"}
	form["contact"] = []string{"nobody"}
	form["client_name"] = []string{`Rota <script>`}
	form.Del("scope")
	p := b.do(http.MethodPost, at+"/register", form)
	if p.status != http.StatusUnprocessableEntity || p.secret() != "" {
		t.Fatalf("status %d", p.status)
	}
	p.has(t, "There is a problem", `"http://rota.example/callback" is not https`,
		"Enter an email address such as team@example.nhs.uk", "The scopes must contain openid")
	for _, want := range []string{
		`href="#redirect_uris"`, `href="#contact"`, `value="Rota &lt;script&gt;"`,
		`>http://rota.example/callback</textarea>`, `value="nobody"`,
	} {
		if !strings.Contains(p.markup, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if empty := b.post("/connections/teams", "name", " "); empty.status != http.StatusUnprocessableEntity {
		t.Errorf("a team without name: %d", empty.status)
	}
	if uninvited := b.post(at+"/invite", "invite", "Ben"); uninvited.status != http.StatusUnprocessableEntity {
		t.Errorf("an invitation of nobody: %d", uninvited.status)
	}
}

func TestSecondEditorSeesTheConflictAndKeepsTheirs(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	path := b.register(b.team("Fenmarch Software"), rota())
	first := rota()
	second := rota()
	first.Set("version", "1")
	second.Set("version", "1")
	first.Set("description", "From the first")
	second.Set("description", "From the second")
	if p := b.do(http.MethodPost, path+"/change", first); p.status != http.StatusSeeOther {
		t.Fatalf("first editor: %d %s", p.status, p.text)
	}
	p := b.do(http.MethodPost, path+"/change", second)
	if p.status != http.StatusConflict || !strings.Contains(p.markup, ">From the second</textarea>") ||
		!strings.Contains(p.markup, `name="version" value="2"`) {
		t.Fatalf("second editor: %d %s", p.status, p.text)
	}
	p.has(t, "This client was changed in the meantime",
		"Ada O'Example <b>, on 24 November 2026 at 9am, changed this client", "What it is for (optional)", "From the first", "From the second")
	if got := w.clientOf(path).Description; got != "From the first" {
		t.Errorf("description %q", got)
	}
	second.Set("version", "2")
	if p := b.do(http.MethodPost, path+"/change", second); p.status != http.StatusSeeOther ||
		w.clientOf(path).Description != "From the second" {
		t.Errorf("saved on purpose: %d", p.status)
	}
	b.get(path+"/history").has(t, "Settings changed , 24 November 2026 at 9am, by Ada O'Example <b>",
		"What it is for: From the first → From the second", "Registered , ")
	if bad := b.post(path+"/change", "version", "x"); bad.status != http.StatusUnprocessableEntity {
		t.Errorf("no version: %d", bad.status)
	}
}

func TestASecretIsRotatedWithAnOverlap(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	path := b.register(b.team("Fenmarch Software"), rota())
	first := b.get(path).secret()
	if p := b.post(path+"/secret", "overlap", "168h"); p.status != http.StatusSeeOther {
		t.Fatalf("rotate: %d %s", p.status, p.text)
	}
	p := b.get(path)
	second := p.secret()
	p.has(t, "Copy the secret now", "The secret before it still works until 1 December 2026 at 9am.")
	if c := w.clientOf(path); first == second || !c.HasSecret(w.Box, first) || !c.HasSecret(w.Box, second) {
		t.Error("within the overlap not both open")
	}
	if p := b.post(path + "/secret/end"); p.status != http.StatusSeeOther ||
		w.clientOf(path).HasSecret(w.Box, first) || !w.clientOf(path).HasSecret(w.Box, second) {
		t.Error("the old one opens after its end, or the new one does not")
	}
	for _, overlap := range []string{"", "1 week", "169h", "-1h"} {
		if p := b.post(path+"/secret", "overlap", overlap); p.status != http.StatusUnprocessableEntity ||
			!w.clientOf(path).HasSecret(w.Box, second) {
			t.Errorf("overlap %q: %d", overlap, p.status)
		}
	}
	other := b.register(b.team("Another"), rota())
	b.post(path+"/secret", "overlap", "0s")
	if b.get(other).secret() != "" {
		t.Error("a secret is shown on the page of another client")
	}
}

func TestSuspendResumeDelete(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	path := b.register(b.team("Fenmarch Software"), rota())
	move := func(m string) page { return b.post(path+"/status", "move", m) }
	if p := move("close"); p.status != http.StatusConflict || !w.clientOf(path).Active {
		t.Errorf("deleted while it works: %d", p.status)
	}
	if p := move("suspend"); p.status != http.StatusSeeOther || w.clientOf(path).Active {
		t.Errorf("suspend: %d", p.status)
	}
	b.get(path).has(t, "Suspended", "Reactivate the client", "Delete the client for good")
	if p := move("resume"); p.status != http.StatusSeeOther || !w.clientOf(path).Active {
		t.Errorf("resume: %d", p.status)
	}
	move("suspend")
	b.get(path+"/delete").has(t, "cannot be undone")
	if w.clientOf(path).Closed {
		t.Error("looking at the question deleted the client")
	}
	if p := move("close"); p.status != http.StatusSeeOther || !w.clientOf(path).Closed {
		t.Errorf("delete: %d", p.status)
	}
	b.get(path).has(t, "Deleted")
	if p := b.get(path + "/change"); p.status != http.StatusNotFound {
		t.Errorf("change of a deleted one: %d", p.status)
	}
	if p := move("explode"); p.status != http.StatusUnprocessableEntity {
		t.Errorf("unknown move: %d", p.status)
	}
}

func TestAColleagueJoinsAndOneMemberStays(t *testing.T) {
	w := open(t)
	ben := w.another("Ben")
	ada := w.signedIn()
	at := ada.team("Fenmarch Software")
	path := ada.register(at, rota())
	if p := ada.post(at+"/invite", "invite", ben); p.status != http.StatusSeeOther {
		t.Fatalf("invite: %d %s", p.status, p.text)
	}
	ada.get(at).has(t, ben+", invited 24 November 2026", "A team must keep at least one member.")
	friend := w.signedInAs(ben)
	if p := friend.get(path); p.status != http.StatusNotFound {
		t.Errorf("before joining: %d", p.status)
	}
	home := friend.get("/connections")
	home.has(t, "The team ‘Fenmarch Software’ invites you")
	invitation := regexp.MustCompile(`name="invitation" value="([^"]+)"`).FindStringSubmatch(home.markup)[1]
	if p := friend.post("/connections/invitations/accept", "invitation", invitation); p.location != at {
		t.Fatalf("accept: %d %q %s", p.status, p.location, p.text)
	}
	friend.get(path).has(t, "Rota", "Change the settings")
	if p := friend.post(at+"/remove", "member", w.ada); p.status != http.StatusSeeOther {
		t.Errorf("remove: %d", p.status)
	}
	if p := ada.get(path); p.status != http.StatusNotFound {
		t.Errorf("after removal: %d", p.status)
	}
	if p := friend.post(at+"/remove", "member", ben); p.status != http.StatusConflict {
		t.Errorf("the last one left: %d", p.status)
	}
}

func TestInvitationsAreDeclinedAndWithdrawn(t *testing.T) {
	w := open(t)
	ben := w.another("Ben")
	ada := w.signedIn()
	at := ada.team("Fenmarch Software")
	friend := w.signedInAs(ben)
	value := regexp.MustCompile(`name="invitation" value="([^"]+)"`)
	for _, tt := range []struct {
		user *browser
		path string
	}{{friend, "/connections/invitations/decline"}, {ada, at + "/withdraw"}} {
		ada.post(at+"/invite", "invite", ben)
		m := value.FindStringSubmatch(friend.get("/connections").markup)
		if m == nil {
			t.Fatalf("%s: no invitation", tt.path)
		}
		if p := tt.user.post(tt.path, "invitation", m[1]); p.status != http.StatusSeeOther {
			t.Errorf("%s: %d", tt.path, p.status)
		}
		if value.MatchString(friend.get("/connections").markup) {
			t.Errorf("%s: it is still there", tt.path)
		}
	}
}

// People of another team cannot open a team's or a client's pages, nor change anything there.
func TestOtherTeamsAreRefused(t *testing.T) {
	w := open(t)
	ada := w.signedIn()
	at := ada.team("Fenmarch Software")
	path := ada.register(at, rota())
	ada.post(at+"/invite", "invite", "000000000000")
	notice := w.failedNotice(idOf(path))
	ben := w.signedInAs(w.another("Ben"))
	elsewhere := ben.team("Another")
	theirs := ben.register(elsewhere, rota())
	change := rota()
	change.Set("client_name", "Taken over")
	forms := map[string]url.Values{
		"POST /connections/teams/{team}/register":          rota(),
		"POST /connections/teams/{team}/invite":            {"invite": {w.ada}},
		"POST /connections/teams/{team}/remove":            {"member": {w.ada}},
		"POST /connections/teams/{team}/withdraw":          {"invitation": {"0"}},
		"POST /connections/clients/{client}/change":        change,
		"POST /connections/clients/{client}/secret":        {"overlap": {"0s"}},
		"POST /connections/clients/{client}/status":        {"move": {"suspend"}},
		"POST /connections/clients/{client}/notices/again": {"notice": {notice}, "all": {"yes"}},
		"POST /connections/clients/{client}/secret/end":    {},
		"GET /connections/teams/{team}":                    nil,
		"GET /connections/teams/{team}/register":           nil,
		"GET /connections/clients/{client}":                nil,
		"GET /connections/clients/{client}/change":         nil,
		"GET /connections/clients/{client}/delete":         nil,
		"GET /connections/clients/{client}/refusals":       nil,
		"GET /connections/clients/{client}/notices":        nil,
		"GET /connections/clients/{client}/history":        nil,
	}
	tried := 0
	accepted := 0
	for pattern := range guards {
		if !strings.Contains(pattern, "{team}") && !strings.Contains(pattern, "{client}") {
			continue
		}
		form, known := forms[pattern]
		if !known {
			t.Errorf("%s is not tried", pattern)
			continue
		}
		tried++
		method, route, _ := strings.Cut(pattern, " ")
		ours := strings.NewReplacer("{team}", idOf(at), "{client}", idOf(path)).Replace(route)
		change.Set("version", strconv.FormatInt(w.clientOf(path).Version, 10))
		before := w.state(path, at)
		p := ben.do(method, ours, form)
		if after := w.state(path, at); p.status != http.StatusNotFound || after != before ||
			strings.Contains(p.text, "Rota") {
			accepted++
			t.Errorf("%s by another team: %d, from %s to %s", pattern, p.status, before, after)
		}
		if method == http.MethodGet { // the honest twin: the same page of their own
			own := strings.NewReplacer("{team}", idOf(elsewhere), "{client}", idOf(theirs)).Replace(route)
			if p := ben.get(own); p.status != http.StatusOK {
				t.Errorf("honest twin of %s: %d", pattern, p.status)
			}
		}
	}
	t.Logf("pages and posts of another team: tried %d, accepted %d", tried, accepted)
	if tried == 0 || w.events("team.refused") == 0 {
		t.Error("nothing was tried, or no refusal was kept")
	}
	// The honest twins of the posts, in an order in which each can succeed.
	for _, pattern := range []string{
		"teams/{team}/invite", "clients/{client}/secret", "clients/{client}/secret/end",
		"clients/{client}/notices/again", "clients/{client}/status",
	} {
		ours := strings.NewReplacer("{team}", idOf(at), "{client}", idOf(path)).Replace("/connections/" + pattern)
		if p := ada.do(http.MethodPost, ours, forms["POST /connections/"+pattern]); p.status != http.StatusSeeOther {
			t.Errorf("honest twin of %s: %d %s", pattern, p.status, p.text)
		}
	}
}

// state gives everything that people of another team must not change.
func (w *world) state(path, at string) string {
	w.Helper()
	var members []team.Member
	var clients []client.Client
	var waiting []team.Invitation
	var notices []backchannel.Notice
	w.view(func(ctx context.Context, r db.R) (err error) {
		if members, err = team.Members(ctx, r, idOf(at)); err != nil {
			return err
		}
		if clients, err = client.OfTeam(ctx, r, idOf(at)); err != nil {
			return err
		}
		if waiting, err = team.Invitations(ctx, r, idOf(at)); err != nil {
			return err
		}
		notices, err = backchannel.Of(ctx, r, idOf(path), 10)
		return err
	})
	state := []string{
		strconv.FormatInt(w.clientOf(path).Version, 10), strconv.Itoa(len(members)),
		strconv.Itoa(len(clients)), strconv.Itoa(len(waiting)),
	}
	for _, n := range notices {
		state = append(state, n.State)
	}
	return strings.Join(state, " ")
}

// failedNotice makes a notice to a client.
func (w *world) failedNotice(clientID string) (id string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		if err := backchannel.Visit(ctx, u, "sid-1", clientID, w.ada); err != nil {
			return err
		}
		if err := backchannel.Leave(ctx, u, "sid-1", w.ada); err != nil {
			return err
		}
		return u.Record(ctx, audit.Event{Kind: "signin.ended", Subject: identity.Ref(w.ada)})
	})
	w.view(func(ctx context.Context, r db.R) error {
		list, err := backchannel.Of(ctx, r, clientID, 1)
		if err == nil {
			id = list[0].ID
		}
		return err
	})
	return id
}

func TestRefusalsAreShownWordForWord(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	path := b.register(b.team("Fenmarch Software"), rota())
	b.get(path+"/refusals").has(t, "No requests have been refused.")
	for _, r := range []client.Refusal{
		{Place: client.AtToken, Code: "invalid_client", Reason: `token's aud: expected ["https://cis2.example:443/access_token"] as one string, received "https://cis2.example/access_token"`},
		{Place: client.AtToken, Code: "invalid_client", Reason: `verify token: no such key: kid "two" for RS512; the set holds "one" (RS512)`},
		{Place: client.AtToken, Code: "invalid_client", Reason: `key set: fetch https://rota.example/jwks.json: status 503: "down"`},
		{Place: client.AtAuthorize, Reason: `redirect_uri: expected exactly one of ["https://rota.example/callback"], received ["https://rota.example/callback/"]`},
		{Place: client.AtPush, Code: "invalid_scope", Reason: `A scope was asked for. Received scope ["openid <b>"].`},
	} {
		r.ClientID = idOf(path)
		for range 2 {
			if err := client.NoteRefusal(t.Context(), w.DB, r); err != nil {
				t.Fatal(err)
			}
		}
		b.get(path+"/refusals").has(t, r.Reason, "24 November 2026 at 9am (2 times since 24 November 2026 at 9am)")
	}
	b.get(path+"/refusals").has(t, "Token request: invalid_client", "Request to log in: a page for the person",
		"Pushed request: invalid_scope",
		"Some libraries drop :443.", "Publish the key under this kid", "Make your key set answer with status 200",
		"Use one of the registered addresses letter for letter")
}

func TestNoticesAreShownAndSentAgain(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	path := b.register(b.team("Fenmarch Software"), rota())
	notice := w.failedNotice(idOf(path))
	b.get(path+"/notices").has(t, "https://rota.example/logout", "Waiting 1, of which 0 have failed at least once",
		"None yet", "24 November 2026 at 9am", "every 2 hours", "After a day we give up")
	before := w.events("notice.sent-again")
	if p := b.post(path+"/notices/again", "notice", notice); p.status != http.StatusSeeOther ||
		w.events("notice.sent-again") != before+1 {
		t.Errorf("one: %d", p.status)
	}
	if p := b.post(path+"/notices/again", "all", "yes"); p.status != http.StatusSeeOther {
		t.Errorf("all: %d", p.status)
	}
	b.get(path+"/notices").has(t, "0 notices are being sent again.")
	if p := b.post(path+"/notices/again", "notice", "no such notice"); p.status != http.StatusNotFound {
		t.Errorf("none: %d", p.status)
	}
}

func TestOperatorsSeeAllAndDoNotEdit(t *testing.T) {
	w := open(t)
	ada := w.signedIn()
	path := ada.register(ada.team("Fenmarch Software"), rota())
	notice := w.failedNotice(idOf(path))
	olu := w.another("Olu")
	w.Update(func(ctx context.Context, u *db.W) error { return team.Join(ctx, u, team.Operators, olu) })
	b := w.signedInAs(olu)
	b.get("/connections").has(t, "Operators of this service: all clients", "Rota", idOf(path))
	p := b.get(path)
	p.has(t, "Suspend the client")
	if strings.Contains(p.text, "Change the settings") || strings.Contains(p.text, "Make a new secret") {
		t.Error("an operator is offered the team's own work")
	}
	for _, sub := range []string{"/refusals", "/notices", "/history"} {
		if p := b.get(path + sub); p.status != http.StatusOK {
			t.Errorf("%s: %d", sub, p.status)
		}
	}
	for sub, form := range map[string]url.Values{"/change": rota(), "/secret": {"overlap": {"0s"}}, "/secret/end": {}} {
		before := w.clientOf(path).Version
		if p := b.do(http.MethodPost, path+sub, form); p.status != http.StatusNotFound ||
			w.clientOf(path).Version != before {
			t.Errorf("%s by an operator: %d", sub, p.status)
		}
	}
	if p := b.post(path+"/notices/again", "notice", notice); p.status != http.StatusSeeOther {
		t.Errorf("send again: %d", p.status)
	}
	if p := b.post(path+"/status", "move", "suspend"); p.status != http.StatusSeeOther || w.clientOf(path).Active {
		t.Errorf("suspend: %d", p.status)
	}
}

// A change to a form of settings leaves none of them out: what was registered comes back as it is.
func TestSavingUnchangedChangesNothing(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	form := rota()
	form["acr_values"] = []string{"AAL3_ANY", "AAL2_OR_AAL3_ANY"}
	form["require_pkce"] = []string{"yes"}
	form["post_logout_redirect_uris"] = []string{"https://rota.example/a\r\nhttps://rota.example/b"}
	path := b.register(b.team("Fenmarch Software"), form)
	c := w.clientOf(path)
	if !slices.Equal(c.AllowedACR, form["acr_values"]) || !c.RequirePKCE || c.RequirePAR || len(c.PostLogoutURIs) != 2 {
		t.Fatalf("registered %+v", c)
	}
	w.Clock.Advance(time.Minute)
	form.Set("version", "1")
	if p := b.do(http.MethodPost, path+"/change", form); p.status != http.StatusSeeOther {
		t.Fatalf("save: %d", p.status)
	}
	if now := w.clientOf(path); now.Version != 1 || len(client.Difference(c, now)) != 0 {
		t.Errorf("changed %v", client.Difference(c, now))
	}
}

package console_test

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/provider/client"
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

// named gives the filled form of a client with another name.
func named(name string) url.Values {
	form := rota()
	form.Set("client_name", name)
	return form
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
	p.has(t, "The client is registered, on trial: your team can log in to it at once.", "Rota", idOf(path), "On trial",
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
	b.get(path+"/history").has(t, "Settings changed, 24 November 2026 at 9am, by Ada O'Example <b>",
		"What it is for: From the first → From the second", "Registered, ")
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
	other := b.register(b.team("Another"), named("Handover"))
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
	b.get(path).has(t, "Suspended", "Resume the client", "Delete the client for good")
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

// Keys that no service may have come back with the form, which names the key and says which ones are accepted.
func TestKeysThatAreTooShortComeBackWithTheForm(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	settings := rota()
	settings.Set("token_endpoint_auth_method", "private_key_jwt")
	settings.Set("token_endpoint_auth_signing_alg", "RS512")
	settings.Set("jwks", `{"keys": [{"kty": "RSA", "kid": "key-2026", "n": "AQAB", "e": "AQAB"}]}`)
	p := b.do(http.MethodPost, b.team("Fenmarch Software")+"/register", settings)
	p.has(t, `Key "key-2026" is RSA of 17 bits`, "2048 to 4096 bits")
	if p.status != http.StatusUnprocessableEntity {
		t.Errorf("status %d", p.status)
	}
}

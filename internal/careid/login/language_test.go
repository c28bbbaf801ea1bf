package login_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/net/html"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/login"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/web"
	"signpost/internal/platform/worldtest"
)

var letters = regexp.MustCompile(`\{[^}]*\}|[A-Za-z0-9]`)

// blanked is a language in which each letter is ÿ, so that text from elsewhere than the catalogue stands out.
func blanked(text string) string {
	return letters.ReplaceAllStringFunc(text, func(s string) string {
		if strings.HasPrefix(s, "{") {
			return s
		}
		return "ÿ"
	})
}

// bilingual is British English with that language, under the tag of Welsh.
func bilingual(t *testing.T) *words.Catalogue {
	t.Helper()
	files := fstest.MapFS{}
	british := words.Shipped().Match(words.British)
	for tag, made := range map[string]func(string) string{"en-GB": strings.Clone, "cy": blanked} {
		var out strings.Builder
		for _, key := range british.Keys() {
			out.WriteString(string(key) + " = " + strconv.Quote(made(british.Say(key))) + "\n")
		}
		files[tag+".toml"] = &fstest.MapFile{Data: []byte(out.String())}
	}
	return worldtest.Must(words.Load(files))(t)
}

// data matches the words on pages that are not in the catalogue.
var data = regexp.MustCompile(`Directory of Services|EXAMPLE PHARMACY|FXX01|Ada Example|` +
	`Individual account, everything in order|AAL[23]|ra@example\.nhs\.uk|` +
	`Admin/Clinical Support Access Role|Clinical Practitioner Access Role|` +
	`[A-Z2-9]{4}( [A-Z2-9]{4})+|[0-9.]+|https?://\S+`)

var english = regexp.MustCompile(`[A-Za-z]{2,}`)

// spoken lists what a page says and what it has screen readers say.
func spoken(t *testing.T, page string) (texts []string) {
	t.Helper()
	page = strings.NewReplacer("<noscript>", "", "</noscript>", "").Replace(page) // what it holds counts too
	z := html.NewTokenizer(strings.NewReader(page))
	quiet := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return texts
		case html.TextToken:
			if quiet == "" {
				texts = append(texts, html.UnescapeString(string(z.Text())))
			}
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			if token.Data == "script" || token.Data == "style" {
				quiet = token.Data
			}
			for _, a := range token.Attr {
				if a.Key == "aria-label" || a.Key == "alt" || a.Key == "title" || a.Key == "placeholder" ||
					strings.HasPrefix(a.Key, "data-i18n") {
					texts = append(texts, a.Val)
				}
			}
		case html.EndTagToken:
			if name, _ := z.TagName(); string(name) == quiet {
				quiet = ""
			}
		}
	}
}

// welsh checks that pages are in the other language.
type welsh struct {
	t    *testing.T
	seen map[string]bool
}

// page looks at one page, by the name that the walk gives it.
func (c *welsh) page(name string, res *http.Response) string {
	c.t.Helper()
	page := logintest.Text(res)
	c.seen[name] = true
	if !strings.Contains(page, `<html lang="cy">`) {
		c.t.Errorf("%s (%d): not in the language: %.200s", name, res.StatusCode, page)
	}
	for _, sentence := range spoken(c.t, page) {
		if left := english.FindString(data.ReplaceAllString(sentence, "")); left != "" {
			c.t.Errorf("%s says in English: %q", name, strings.TrimSpace(sentence))
		}
	}
	return page
}

func inWelsh(t *testing.T) (*world, *welsh) {
	w := open(t)
	w.Options.Words = bilingual(t)
	w.Options.FindRA = "https://cim.example/find-your-ra"
	w.Options.Metrics = web.NewMetrics(prometheus.NewRegistry())
	w.Site = login.New(w.Options)
	return w, &welsh{t: t, seen: map[string]bool{}}
}

func cy(pairs ...string) url.Values {
	return logintest.Request(append([]string{"ui_locales", "fr cy en"}, pairs...)...)
}

func TestEveryPageOfASignInSpeaksItsLanguage(t *testing.T) {
	w := open(t)
	key := logintest.NewDevice()
	w.BindDevice(key, authn.SecurityKey)
	w.BindApp(t)
	c := &welsh{t: t, seen: map[string]bool{}}
	w.Options.Words = bilingual(t)
	w.Options.FindRA = "https://cim.example/find-your-ra"
	w.Options.Metrics = web.NewMetrics(prometheus.NewRegistry())
	w.Site = login.New(w.Options)
	w.Position("S8000:G8000:R8000")

	b := w.Browser()
	at := b.Begin(cy("scope", "openid selectedrole"))
	c.page("choose", b.Get(at))
	c.page("choose nothing", b.Do("POST", at+"/authenticator", url.Values{}))
	for _, kind := range w.Options.Ways.Kinds() {
		b.Send(at+"/authenticator", "authenticator", string(kind))
		c.page(string(kind), b.Get(at))
	}
	b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
	c.page("no address", b.Do("POST", at+"/password", logintest.Values("password", logintest.GoodPass)))
	c.page("no password", b.Do("POST", at+"/password", logintest.Values("email", "ada@example.nhs.uk")))
	c.page("wrong password", b.Do("POST", at+"/password",
		logintest.Values("email", "ada@example.nhs.uk", "password", "wrong")))
	b.Send(at+"/password", "email", "ada@example.nhs.uk", "password", logintest.GoodPass)
	c.page("code", b.Get(at))
	c.page("wrong code", b.Do("POST", at+"/code", logintest.Values("code", "000000")))
	b.Send(at + "/again")
	b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	b.Touch(at, key)
	c.page("a broken answer", b.Do("POST", at+"/key", logintest.Values("answer", "{}")))
	b.Send(at+"/key", "answer", b.Touch(at, key))
	c.page("role", b.Get(at))
	c.page("no role", b.Do("POST", at+"/role", url.Values{}))
	c.page("failed", b.Get("/sign-in/"+strings.Repeat("0", 36)))

	at = b.Begin(cy("prompt", "login"))
	c.page("used last", b.Get(at))
	for _, reason := range logintest.Reasons(t, "../provider") {
		b := w.Browser()
		at := b.Begin(cy())
		id := strings.TrimPrefix(at, provider.FlowPath)
		f := worldtest.Must(w.Provider.Load(t.Context(), id, b.Cookies["__Host-"+provider.FlowCookies.Of(id)]))(t)
		worldtest.Check(t, w.Provider.NoteRefusal(t.Context(), f, provider.Refusal{Reason: reason}))
		c.page("refused: "+string(reason), b.Get(at))
	}
	c.page("unknown service", w.Browser().Get(logintest.Realm+"/authorize?"+cy("client_id", "nobody").Encode()))
	c.page("wrong address", w.Browser().Get(logintest.Realm+"/authorize?"+
		cy("redirect_uri", "https://evil.example").Encode()))
	other := w.Browser()
	other.Cookies["__Host-language"] = "cy"
	c.page("another browser", other.Get(at))
	w.Clock.Advance(provider.FlowLife)
	c.page("over", b.Get(at))
	c.page("not found", b.Get("/nothing/here"))
	posted := b.Do("GET", logintest.Realm+"/authorize?"+cy("response_mode", "form_post", "prompt", "none").Encode(),
		nil)
	if !strings.Contains(c.page("onward", posted), "data-onward") {
		t.Error("no page that posts the answer")
	}
	if len(c.seen) < 30 {
		t.Errorf("only %d pages looked at", len(c.seen))
	}
	plain := w.Browser()
	page := logintest.Text(plain.Get(plain.Begin(logintest.Request())))
	if !strings.Contains(page, `<html lang="en-GB">`) ||
		!strings.Contains(page, "How do you want to log in?") || plain.Cookies["__Host-language"] != "" {
		t.Error("a sign-in that asks for no language is not in British English")
	}
	back := logintest.Text(b.Get(b.Begin(logintest.Request("prompt", "login"))))
	if !strings.Contains(back, "How do you want to log in?") || b.Cookies["__Host-language"] != "en-GB" {
		t.Error("a later sign-in keeps the language of the one before")
	}
}

var mailedCode = regexp.MustCompile(`\b[2-9BCDFGHJKMNPQRSTVWXYZ]{4}[ -]?[2-9BCDFGHJKMNPQRSTVWXYZ]{4}\b`)

func TestEveryPageOfABindingSpeaksTheLanguageOfTheBrowser(t *testing.T) {
	w, c := inWelsh(t)
	b := w.Browser()
	b.Get(b.Begin(cy()))
	invite := func(kinds ...authn.Kind) string {
		return w.Invite(w.UUID, kinds...)
	}
	path := invite(authn.SecurityKey, authn.AuthenticatorApp)
	c.page("open", b.Get(path))
	c.page("no choice", b.Do("POST", path, logintest.Values("email", "ada@example.nhs.uk")))
	c.page("no address", b.Do("POST", path, logintest.Values("authenticator", string(authn.AuthenticatorApp))))
	at := b.Send(path, "email", "ada@example.nhs.uk", "authenticator", string(authn.AuthenticatorApp))
	c.page("code", b.Get(at))
	c.page("wrong code", b.Do("POST", at+"/code", logintest.Values("code", "x")))
	jobtest.Settle(t, w.Jobs)
	letter := w.Mails.To("Ada@example.nhs.uk")[0]
	code := mailedCode.FindString(letter.Text)
	if left := english.FindString(strings.ReplaceAll(letter.Subject+letter.Text, code, "")); left != "" || code == "" {
		t.Errorf("the mail says in English %q: %s", left, letter.Text)
	}
	b.Send(at+"/code", "code", code)
	c.page("password", b.Get(at))
	for _, plain := range []string{"short", "passwordpassword", "ada example ada"} {
		c.page("password "+plain, b.Do("POST", at+"/password", logintest.Values("password", plain)))
	}
	b.Send(at+"/password", "password", logintest.GoodPass)
	c.page("app", b.Get(at))
	c.page("wrong app code", b.Do("POST", at+"/app", logintest.Values("code", "000000")))
	path = invite(authn.Passkey)
	c.page("open for one kind", b.Get(path))
	c.page("replaced", b.Get(at))
	at = b.Send(path, "email", "ada@example.nhs.uk")
	jobtest.Settle(t, w.Jobs)
	var newest string
	for _, m := range w.Mails.To("Ada@example.nhs.uk") {
		newest = max(newest, m.ID)
		if m.ID == newest {
			code = mailedCode.FindString(m.Text)
		}
	}
	b.Send(at+"/code", "code", code)
	c.page("key", b.Get(at))
	c.page("nothing made", b.Do("POST", at+"/key", logintest.Values("failed", "NotAllowedError")))
	b.Cookies["__Host-once"] = "/authenticator-added"
	c.page("added", b.Get("/authenticator-added"))
	c.page("dead link", b.Get("/bind/nothing"))
	if len(c.seen) < 15 {
		t.Errorf("only %d pages looked at", len(c.seen))
	}
}

func TestEveryPageAboutSessionsSpeaksTheLanguageOfTheBrowser(t *testing.T) {
	w := open(t)
	key := logintest.NewDevice()
	w.BindDevice(key, authn.SecurityKey)
	w.Options.Words = bilingual(t)
	w.Options.Metrics = web.NewMetrics(prometheus.NewRegistry())
	w.Site = login.New(w.Options)
	c := &welsh{t: t, seen: map[string]bool{}}
	b := w.Browser()
	there := w.Browser()
	there.SignIn(logintest.Request(), key)
	got := w.Redeem(b.SignIn(cy(), key).Query().Get("code"))
	c.page("start", b.Get("/"))
	if page := c.page("sessions", b.Get("/my-sessions")); strings.Count(page, `<h2 class="nhsuk-heading-m">`) != 2 {
		t.Errorf("sessions: %s", page)
	}
	b.Send("/my-sessions/end-others")
	c.page("ended others", b.Get("/my-sessions"))
	asks := b.Get(logintest.Realm + "/connect/endSession?" +
		logintest.Values("id_token_hint", got.IDToken).Encode()).Header.Get("Location")
	if to := b.Get(asks).Header.Get("Location"); to != "/signed-out" {
		t.Errorf("signed out to %q", to)
	}
	c.page("signed out", b.Get("/signed-out"))
	c.page("asked twice", b.Get(asks))
	c.page("not signed in", b.Get("/my-sessions"))
	b.SignIn(cy("prompt", "login"), key)
	broken := b.Get(logintest.Realm + "/connect/endSession?id_token_hint=x").Header.Get("Location")
	c.page("sign out?", b.Get(broken))
	b.SignIn(cy("prompt", "login"), w.Another(t))
	b.SignIn(cy("prompt", "login"), key)
	c.page("whose session?", b.Get(b.Begin(cy())))
	if len(c.seen) != 8 {
		t.Errorf("%d pages looked at", len(c.seen))
	}
}

func TestThePersonaPageSpeaksItsLanguage(t *testing.T) {
	w, c := inWelsh(t)
	w.ByDesk(func(dw *db.W) error {
		_, err := authenticator.Bind(t.Context(), dw, logintest.SimulatedKey(w.UUID))
		return err
	})
	w.Site = w.DemoSite()
	b := w.Browser()
	at := b.Begin(cy())
	c.page("choose", b.Get(at))
	c.page("personas", b.Get(b.Send(at+"/authenticator", "authenticator", "simulated")))
	c.page("no persona", b.Do("POST", "/simulated/"+strings.TrimPrefix(at, provider.FlowPath), url.Values{}))
}

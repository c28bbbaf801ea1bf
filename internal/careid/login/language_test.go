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
	"signpost/internal/careid/login"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/web"
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
	return must(words.Load(files))(t)
}

// data matches the words on pages that are not in the catalogue.
var data = regexp.MustCompile(`Directory of Services|EXAMPLE PHARMACY|FXX01|Ada Example|Individual account, everything in order|AAL[23]|ra@example\.nhs\.uk|` +
	`Admin/Clinical Support Access Role|Clinical Practitioner Access Role|[0-9a-f]{8}-[0-9a-f-]{27}|[A-Z2-7]{4}( [A-Z2-7]{4})+|[0-9.]+|https?://\S+`)

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
	page := text(res)
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
	w.options.Words = bilingual(t)
	w.options.FindRA = "https://cim.example/find-your-ra"
	w.options.Metrics = web.NewMetrics(prometheus.NewRegistry())
	w.site = login.New(w.options)
	return w, &welsh{t: t, seen: map[string]bool{}}
}

func cy(pairs ...string) url.Values {
	return request(append([]string{"ui_locales", "fr cy en"}, pairs...)...)
}

func TestEveryPageOfASignInSpeaksItsLanguage(t *testing.T) {
	w := open(t)
	key := newDevice()
	w.bindDevice(key, authn.SecurityKey)
	w.bindApp(t)
	c := &welsh{t: t, seen: map[string]bool{}}
	w.options.Words = bilingual(t)
	w.options.FindRA = "https://cim.example/find-your-ra"
	w.options.Metrics = web.NewMetrics(prometheus.NewRegistry())
	w.site = login.New(w.options)
	w.position("S8000:G8000:R8000")

	b := w.browser()
	at := b.begin(cy("scope", "openid selectedrole"))
	c.page("choose", b.get(at))
	c.page("choose nothing", b.do("POST", at+"/authenticator", url.Values{}))
	for _, kind := range w.options.Ways.Kinds() {
		b.send(at+"/authenticator", "authenticator", string(kind))
		c.page(string(kind), b.get(at))
	}
	c.page("no address", b.do("POST", at+"/password", values("password", goodPass)))
	c.page("no password", b.do("POST", at+"/password", values("email", "ada@example.nhs.uk")))
	c.page("wrong password", b.do("POST", at+"/password", values("email", "ada@example.nhs.uk", "password", "wrong")))
	b.send(at+"/password", "email", "ada@example.nhs.uk", "password", goodPass)
	c.page("code", b.get(at))
	c.page("wrong code", b.do("POST", at+"/code", values("code", "000000")))
	b.send(at + "/again")
	b.send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	c.page("a broken answer", b.do("POST", at+"/key", values("answer", "{}")))
	b.send(at+"/key", "answer", b.touch(at, key))
	c.page("role", b.get(at))
	c.page("no role", b.do("POST", at+"/role", url.Values{}))
	c.page("failed", b.get("/sign-in/"+strings.Repeat("0", 36)))

	at = b.begin(cy("prompt", "login"))
	c.page("used last", b.get(at))
	for _, reason := range provider.Reasons {
		b := w.browser()
		at := b.begin(cy())
		id := strings.TrimPrefix(at, provider.FlowPath)
		f := must(w.provider.Load(t.Context(), id, b.cookies["__Host-"+provider.FlowCookie(id)]))(t)
		check(t, w.provider.NoteRefusal(t.Context(), f, provider.Refusal{Reason: reason}))
		c.page("refused: "+string(reason), b.get(at))
	}
	c.page("unknown service", w.browser().get(realm+"/authorize?"+cy("client_id", "nobody").Encode()))
	c.page("wrong address", w.browser().get(realm+"/authorize?"+cy("redirect_uri", "https://evil.example").Encode()))
	other := w.browser()
	other.cookies["__Host-language"] = "cy"
	c.page("another browser", other.get(at))
	w.clock.Advance(provider.FlowLife)
	c.page("over", b.get(at))
	c.page("not found", b.get("/nothing/here"))
	posted := b.do("GET", realm+"/authorize?"+cy("response_mode", "form_post", "prompt", "none").Encode(), nil)
	if !strings.Contains(c.page("onward", posted), "data-onward") {
		t.Error("no page that posts the answer")
	}
	if len(c.seen) < 30 {
		t.Errorf("only %d pages looked at", len(c.seen))
	}
	plain := w.browser()
	if page := text(plain.get(plain.begin(request()))); !strings.Contains(page, `<html lang="en-GB">`) ||
		!strings.Contains(page, "How do you want to log in?") || plain.cookies["__Host-language"] != "" {
		t.Error("a sign-in that asks for no language is not in British English")
	}
	back := text(b.get(b.begin(request("prompt", "login"))))
	if !strings.Contains(back, "How do you want to log in?") || b.cookies["__Host-language"] != "en-GB" {
		t.Error("a later sign-in keeps the language of the one before")
	}
}

var mailedCode = regexp.MustCompile(`\b[2-9BCDFGHJKMNPQRSTVWXYZ]{4}[ -]?[2-9BCDFGHJKMNPQRSTVWXYZ]{4}\b`)

func TestEveryPageOfABindingSpeaksTheLanguageOfTheBrowser(t *testing.T) {
	w, c := inWelsh(t)
	b := w.browser()
	b.get(b.begin(cy()))
	invite := func(kinds ...authn.Kind) string {
		return must(authenticator.Invite(t.Context(), w.d, desk, w.uuid, kinds...))(t)
	}
	path := invite(authn.SecurityKey, authn.AuthenticatorApp)
	c.page("open", b.get(path))
	c.page("no choice", b.do("POST", path, values("email", "ada@example.nhs.uk")))
	c.page("no address", b.do("POST", path, values("authenticator", string(authn.AuthenticatorApp))))
	at := b.send(path, "email", "ada@example.nhs.uk", "authenticator", string(authn.AuthenticatorApp))
	c.page("code", b.get(at))
	c.page("wrong code", b.do("POST", at+"/code", values("code", "x")))
	jobtest.Settle(t, w.jobs)
	letter := w.mails.To("Ada@example.nhs.uk")[0]
	code := mailedCode.FindString(letter.Text)
	if left := english.FindString(strings.ReplaceAll(letter.Subject+letter.Text, code, "")); left != "" || code == "" {
		t.Errorf("the mail says in English %q: %s", left, letter.Text)
	}
	b.send(at+"/code", "code", code)
	c.page("password", b.get(at))
	for _, plain := range []string{"short", "passwordpassword", "ada example ada"} {
		c.page("password "+plain, b.do("POST", at+"/password", values("password", plain)))
	}
	b.send(at+"/password", "password", goodPass)
	c.page("app", b.get(at))
	c.page("wrong app code", b.do("POST", at+"/app", values("code", "000000")))
	path = invite(authn.Passkey)
	c.page("open for one kind", b.get(path))
	c.page("replaced", b.get(at))
	at = b.send(path, "email", "ada@example.nhs.uk")
	jobtest.Settle(t, w.jobs)
	var newest string
	for _, m := range w.mails.To("Ada@example.nhs.uk") {
		newest = max(newest, m.ID)
		if m.ID == newest {
			code = mailedCode.FindString(m.Text)
		}
	}
	b.send(at+"/code", "code", code)
	c.page("key", b.get(at))
	c.page("nothing made", b.do("POST", at+"/key", values("failed", "NotAllowedError")))
	c.page("added", b.get("/authenticator-added"))
	c.page("dead link", b.get("/bind/nothing"))
	if len(c.seen) < 15 {
		t.Errorf("only %d pages looked at", len(c.seen))
	}
}

func TestEveryPageAboutSessionsSpeaksTheLanguageOfTheBrowser(t *testing.T) {
	w := open(t)
	key := newDevice()
	w.bindDevice(key, authn.SecurityKey)
	w.options.Words = bilingual(t)
	w.options.Metrics = web.NewMetrics(prometheus.NewRegistry())
	w.site = login.New(w.options)
	c := &welsh{t: t, seen: map[string]bool{}}
	b := w.browser()
	there := w.browser()
	there.signIn(request(), key)
	got := w.redeem(b.signIn(cy(), key).Query().Get("code"))
	c.page("start", b.get("/"))
	if page := c.page("sessions", b.get("/my-sessions")); strings.Count(page, `<h2 class="nhsuk-heading-m">`) != 2 {
		t.Errorf("sessions: %s", page)
	}
	b.send("/my-sessions/end-others")
	c.page("ended others", b.get("/my-sessions"))
	asks := b.get(realm + "/connect/endSession?" + values("id_token_hint", got.IDToken).Encode()).Header.Get("Location")
	c.page("sign out?", b.get(asks))
	b.send(asks)
	c.page("signed out", b.get("/signed-out"))
	c.page("asked twice", b.get(asks))
	c.page("not signed in", b.get("/my-sessions"))
	c.page("a broken sign-out", b.get(realm+"/connect/endSession?id_token_hint=x"))
	if len(c.seen) != 8 {
		t.Errorf("%d pages looked at", len(c.seen))
	}
}

func TestThePersonaPageSpeaksItsLanguage(t *testing.T) {
	w, c := inWelsh(t)
	w.update(func(dw *db.W) error {
		_, err := authenticator.Bind(t.Context(), dw, simulatedKey(w.uuid))
		return err
	})
	w.site = w.demoSite()
	b := w.browser()
	at := b.begin(cy())
	c.page("choose", b.get(at))
	c.page("personas", b.get(b.send(at+"/authenticator", "authenticator", "simulated")))
	c.page("no persona", b.do("POST", "/simulated/"+strings.TrimPrefix(at, provider.FlowPath), url.Values{}))
}

package login_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/login"
	"signpost/internal/national/authn"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// Each kind that can be used here has its page of help: how it is used, what to do when it is lost and what it needs,
// with a picture. It needs no login, and every page of a login leads there.
func TestEachKindHasItsHelp(t *testing.T) {
	w := open(t)
	w.Options.Management = "https://cim.example"
	w.Options.Metrics = web.NewMetrics(prometheus.NewRegistry())
	w.Site = login.New(w.Options)
	b := w.Browser()
	list := logintest.Text(b.Get("/help/authenticators"))
	for _, want := range []string{`href="https://cim.example/view-your-profile"`, `href="/lost-authenticator"`,
		"choose Add an authenticator"} {
		if !strings.Contains(list, want) {
			t.Errorf("the help lacks %q: %s", want, list)
		}
	}
	if login := logintest.Text(b.Get(b.Begin(logintest.Request()))); !strings.Contains(login,
		`href="/help/authenticators"`) {
		t.Errorf("a login does not lead to the help: %s", login)
	}
	for _, k := range w.Options.Ways.Kinds() {
		at := "/help/authenticators/" + string(k)
		res := b.Get(at)
		page := logintest.Text(res)
		text := webtest.Text(page)
		if res.StatusCode != http.StatusOK || !strings.Contains(list, `href="`+at+`"`) ||
			!strings.Contains(text, "Help: "+k.Label()) || strings.Count(page, "<li>") < 8 {
			t.Errorf("%s: %d, %s", k, res.StatusCode, text)
		}
		if !strings.Contains(page, `href="/lost-authenticator"`) || !strings.Contains(text, "temporary access pass") {
			t.Errorf("%s: the help does not say what to do without another one: %s", k, text)
		}
		for _, need := range k.Declared().Needs {
			if !strings.Contains(text, need.Setup().Title) {
				t.Errorf("%s: the help does not say that it needs %q", k, need.Setup().Title)
			}
		}
		picture := b.Get("/static/help/" + string(k) + ".jpg")
		if picture.StatusCode != http.StatusOK || picture.Header.Get("Content-Type") != "image/jpeg" ||
			!strings.Contains(page, `src="/static/help/`+string(k)+`.jpg"`) {
			t.Errorf("%s: no picture: %d", k, picture.StatusCode)
		}
	}
	for _, none := range []string{string(authn.SmartcardHSCN), "carrier_pigeon", "..%2Fhelp"} { // not used here, or nowhere
		if got := b.Get("/help/authenticators/" + none).StatusCode; got != http.StatusNotFound {
			t.Errorf("%s: %d", none, got)
		}
	}
	for _, none := range []string{"x.jpg", "ipad.txt", "..%2Fhelp.go"} {
		if got := b.Get("/static/help/" + none).StatusCode; got != http.StatusNotFound {
			t.Errorf("the picture %s: %d", none, got)
		}
	}
}

// Each page that asks for an authenticator leads to how that one is used, and the page of the choice to all.
func TestPagesLeadToTheHelpForWhatTheyAskFor(t *testing.T) {
	w := open(t)
	for _, k := range w.Options.Ways.Kinds() {
		b := w.Browser()
		at := b.Begin(logintest.Request())
		if page := logintest.Text(b.Get(at)); !strings.Contains(page, `href="/help/authenticators">Help with`) {
			t.Errorf("the choice: %s", page)
		}
		b.Send(at+"/authenticator", "authenticator", string(k))
		page := logintest.Text(b.Get(at))
		if !strings.Contains(page, `href="/help/authenticators/`+string(k)+`">Help: `+k.Label()) {
			t.Errorf("%s: its page does not lead to its help: %s", k, page)
		}
	}
}

// Whoever opens the page for another password where none was asked for comes to where that begins.
func TestAnotherPasswordBeginsAtItsBeginning(t *testing.T) {
	w := open(t)
	b := w.Browser()
	at := b.Begin(logintest.Request())
	b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
	res := b.Get(at + "/new-password")
	if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || to != at+"/forgotten" {
		t.Errorf("%d, %q", res.StatusCode, to)
	}
}

package login_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/web/webtest"
)

var (
	title   = regexp.MustCompile(`(?s)<title>(.*?)</title>`)
	heading = regexp.MustCompile(`(?s)<h1[^>]*>(.*?)</h1>`)
)

// first gives the text of what a pattern finds first on a page.
func first(page string, pattern *regexp.Regexp) string {
	found := pattern.FindStringSubmatch(page)
	if found == nil {
		return ""
	}
	return strings.TrimSpace(webtest.Text(found[1]))
}

// Each page's title begins with its heading, and with "Error" where a form has a problem; no two pages have one title.
func TestTitlesSayWhichPageItIs(t *testing.T) {
	w, key := withKey(t)
	w.BindApp(t)
	w.Position("S8000:G8000:R8000")
	titles := map[string]string{}
	check := func(name string, res *http.Response) {
		t.Helper()
		page := logintest.Text(res)
		want := first(page, heading) + " - Care Identity login"
		if res.StatusCode == http.StatusUnprocessableEntity {
			want = "Error: " + want
		}
		got := first(page, title)
		if got != want {
			t.Errorf("%s: the title is %q, want %q", name, got, want)
		}
		if other, taken := titles[got]; taken {
			t.Errorf("%s and %s have the title %q", name, other, got)
		}
		titles[got] = name
	}
	b := w.Browser()
	at := b.Begin(logintest.Request("scope", "openid selectedrole"))
	check("the choice", b.Get(at))
	check("no choice", b.Do("POST", at+"/authenticator", logintest.Values()))
	b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
	check("the password", b.Get(at))
	check("a wrong password", b.Do("POST", at+"/password",
		logintest.Values("email", "ada@example.nhs.uk", "password", "a guess")))
	check("a forgotten password", b.Get(at+"/forgotten"))
	check("another password", b.Get(b.Send(at+"/forgotten", "email", "ada@example.nhs.uk")))
	b.Send(at+"/password", "email", "ada@example.nhs.uk", "password", logintest.GoodPass)
	check("the code", b.Get(at))
	check("a wrong code", b.Do("POST", at+"/code", logintest.Values("code", "000000")))
	b.Send(at + "/again")
	b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	check("the key", b.Get(at))
	b.Send(at+"/key", "answer", b.Touch(at, key))
	check("the role", b.Get(at))
	check("the sessions", b.Get("/my-sessions"))
	link := w.invitation(t)
	check("a link", b.Get(link))
	check("a link, wrongly", b.Do("POST", link, logintest.Values()))
	check("the mailed code", b.Get(b.Send(link, "email", adasAddress, "authenticator", string(authn.Passkey))))
	check("a new key", b.Get(w.BindPages(b, w.UUID, adasAddress, authn.Passkey)))
	check("a new password", b.Get(w.BindPages(b, w.bea(), beasAddress, authn.AuthenticatorApp)))
	if len(titles) != 16 {
		t.Errorf("%d titles", len(titles))
	}
}

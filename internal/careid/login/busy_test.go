package login_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/login"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/line"
	"signpost/internal/platform/line/linetest"
)

// Where too many passwords wait to be checked, the page stays as it was filled in, but the password, and says how long
// to wait; the sign-in goes on later.
func TestTooManyPasswordsAtOnce(t *testing.T) {
	w, _ := withKey(t)
	w.BindApp(t)
	b := w.Browser()
	at := b.Begin(logintest.Request("prompt", "login"))
	b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
	typed := logintest.Values("email", "ada@example.nhs.uk", "password", logintest.GoodPass)
	empty := linetest.Fill(t, w.Apps.Hasher.Turns())
	for range 12 {
		got := b.Do("POST", at+"/password", typed)
		text := logintest.Text(got)
		if got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") != "10" ||
			!strings.Contains(text, "Too many people are logging in") || !strings.Contains(text, "Wait 10 seconds") {
			t.Fatalf("%d, come again after %q: %s", got.StatusCode, got.Header.Get("Retry-After"), text)
		}
		if !strings.Contains(text, `value="ada@example.nhs.uk"`) || strings.Contains(text, logintest.GoodPass) {
			t.Fatalf("not as it was filled in: %s", text)
		}
	}
	empty()
	if got := b.Do("POST", at+"/password", typed); got.StatusCode != http.StatusSeeOther {
		t.Errorf("later: %d: %s", got.StatusCode, logintest.Text(got))
	}
}

// The same is said to somebody who chooses a password.
func TestTooManyPasswordsWhileBinding(t *testing.T) {
	w, _ := withKey(t)
	newcomer := w.Browser()
	at := w.BindPages(newcomer, w.UUID, adasAddress, authn.AuthenticatorApp)
	linetest.Fill(t, w.Apps.Hasher.Turns())
	got := newcomer.Do("POST", at+"/password", logintest.Values("password", logintest.GoodPass))
	if got.StatusCode != http.StatusServiceUnavailable || !strings.Contains(logintest.Text(got), "Wait 10 seconds") {
		t.Errorf("choosing a password: %d", got.StatusCode)
	}
}

// Where there is too much to do, a new login is told to come again; one under way goes on, and so does whoever is
// signed in.
func TestNewLoginsAreToldToComeAgain(t *testing.T) {
	w, key := withKey(t)
	b := w.Browser()
	if b.SignIn(logintest.Request(), key).Query().Get("code") == "" {
		t.Fatal("the honest login is refused")
	}
	at := b.Begin(logintest.Request("prompt", "login"))
	w.Options.Entry = line.New(line.Options{})
	w.Site = login.New(w.Options)
	for _, method := range []string{"GET", "POST"} {
		path := logintest.Realm + cis2.AuthorizePath
		form := logintest.Request()
		if method == "GET" {
			path += "?" + form.Encode()
			form = nil
		}
		got := w.Browser().Do(method, path, form)
		text := logintest.Text(got)
		if got.StatusCode != http.StatusServiceUnavailable || got.Header.Get("Retry-After") != "10" ||
			!strings.Contains(text, "The service is busy") || !strings.Contains(text, "Wait 10 seconds") {
			t.Errorf("%s: %d, %s", method, got.StatusCode, text)
		}
	}
	if got := w.Call(logintest.Realm+cis2.PushedPath, logintest.Request()); got.StatusCode != 503 ||
		!strings.Contains(logintest.Text(got), "temporarily_unavailable") {
		t.Errorf("a pushed request: %d", got.StatusCode)
	}
	if got := b.Get("/my-sessions"); got.StatusCode != http.StatusOK {
		t.Errorf("a page of somebody who is signed in: %d", got.StatusCode)
	}
	if to := b.Prove(at, key); !strings.Contains(to, "code=") {
		t.Errorf("the login under way: %s", to)
	}
}

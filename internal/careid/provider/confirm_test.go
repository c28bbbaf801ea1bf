package provider_test

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/job/jobtest"
)

// shared gives a browser on which Bo logged in and then Ada, who is logged in now, and their keys.
func shared(t *testing.T) (w *world, b *logintest.Browser, adas, bos *logintest.Device) {
	t.Helper()
	w, adas = withKey(t)
	bos = w.Another(t)
	b = w.Browser()
	b.SignIn(logintest.Request(), bos)
	b.SignIn(logintest.Request("prompt", "login"), adas)
	jobtest.Settle(t, w.Jobs)
	for len(w.BackChannel.Tokens) > 0 {
		<-w.BackChannel.Tokens // that Bo's session has ended
	}
	return w, b, adas, bos
}

// subject gives who logged in with the code of an address.
func (w *world) subject(to string) string {
	w.Helper()
	id, _ := w.IDClaims(w.Redeem(logintest.CodeOf(w, to)).IDToken)["sub"].(string)
	return id
}

// asks gives the pages of a login that asks whose session it is.
func asks(t *testing.T, b *logintest.Browser, q url.Values) string {
	t.Helper()
	at := b.Begin(q)
	page := logintest.Text(b.Get(at))
	if !strings.Contains(page, "Continue as Ada Example") || !strings.Contains(page, "I am somebody else") ||
		strings.Count(page, `name="seal"`) != 3 {
		t.Fatalf("it does not ask whose session it is:\n%s", page)
	}
	return at
}

// A browser that one person uses is served at once, one that another used too is asked first, whatever the service
// asks for; only what may show no page is answered as the standard says.
func TestASharedBrowserIsAsked(t *testing.T) {
	w, adas := withKey(t)
	own := w.Browser()
	own.SignIn(logintest.Request(), adas)
	served := own.Get(logintest.Realm + "/authorize?" + logintest.Request().Encode()).Header.Get("Location")
	if got := w.subject(served); got != w.UUID {
		t.Errorf("a browser of one person: %q", got)
	}

	w, b, _, _ := shared(t)
	w.Position("S8000:G8000:R8001")
	for _, q := range []url.Values{
		logintest.Request(), logintest.Request("max_age", "3600"), logintest.Request("login_hint", "bo@example.nhs.uk"),
		logintest.Request("scope", "openid selectedrole"), logintest.Request("acr_values", "AAL3_ANY"),
	} {
		asks(t, b, q)
	}
	asked := b.Get(b.Send(logintest.Realm+"/authorize", logintest.Pairs(logintest.Request())...)).Header.Get("Location")
	if page := logintest.Text(b.Get(asked)); !strings.Contains(page, "Continue as Ada Example") {
		t.Errorf("a request by POST is served at %s", asked)
	}
	if code, errorCode := b.Silently(logintest.Request()); code == "" {
		t.Errorf("without a page: %s", errorCode)
	}
}

// Whoever has to prove who they are anyway is not asked first.
func TestWhoProvesAnywayIsNotAsked(t *testing.T) {
	w, b, _, _ := shared(t)
	w.Clock.Advance(2 * time.Minute)
	for name, q := range map[string]url.Values{
		"a new proof":    logintest.Request("prompt", "login"),
		"a newer proof":  logintest.Request("max_age", "60"),
		"another class":  logintest.Request("acr_values", "AAL2_TOTP"),
		"another person": logintest.Request("claims", `{"id_token":{"sub":{"value":"500000000099"}}}`),
	} {
		if page := logintest.Text(b.Get(b.Begin(q))); strings.Contains(page, "Continue as Ada") {
			t.Errorf("%s: it asks whose session it is", name)
		}
	}
}

func TestContinueAs(t *testing.T) {
	w, b, _, _ := shared(t)
	at := asks(t, b, logintest.Request())
	if other := w.Browser().Do("POST", at+"/continue", url.Values{}); other.StatusCode != http.StatusGone {
		t.Errorf("another browser: %d", other.StatusCode)
	}
	if got := w.subject(b.Send(at + "/continue")); got != w.UUID {
		t.Errorf("logged in as %q", got)
	}
	asks(t, b, logintest.Request()) // each time

	w.Position("S8000:G8000:R8001")
	at = asks(t, b, logintest.Request("scope", "openid selectedrole"))
	if to := b.Send(at + "/continue"); to != at {
		t.Fatalf("before a role is chosen it goes to %s", to)
	}
	if got := w.subject(b.Send(at+"/role", "role", w.Roles()[0])); got != w.UUID {
		t.Errorf("with a role: %q", got)
	}
}

// Whoever says that the session is not theirs ends it, and its services are told; then they log in as themselves.
func TestSomebodyElse(t *testing.T) {
	w, b, _, bos := shared(t)
	adasSession := b.Cookies["__Host-sso"]
	at := asks(t, b, logintest.Request())
	if to := b.Send(at + "/somebody-else"); to != at || b.Cookies["__Host-sso"] != "" {
		t.Fatalf("went to %s with the session %q", to, b.Cookies["__Host-sso"])
	}
	jobtest.Settle(t, w.Jobs)
	if n := len(w.BackChannel.Tokens); n != 1 {
		t.Errorf("the service was told %d times", n)
	}
	thief := w.Browser()
	thief.Cookies["__Host-sso"] = adasSession
	if code, _ := thief.Silently(logintest.Request()); code != "" {
		t.Error("the session lives")
	}
	if res := b.Do("POST", at+"/continue", url.Values{}); strings.Contains(res.Header.Get("Location"), "code=") {
		t.Error("it goes on as Ada all the same")
	}
	b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	if got := w.subject(b.Send(at+"/key", "answer", b.Touch(at, bos))); got == w.UUID || got == "" {
		t.Errorf("Bo logged in as %q", got)
	}
	if page := logintest.Text(b.Get(b.Begin(logintest.Request()))); !strings.Contains(page, "Continue as Bo Example") {
		t.Errorf("the next login does not ask for Bo:\n%s", page)
	}
}

// If the session ended, became somebody else's or too old while the page was open, whoever is there proves who they
// are.
func TestTheSessionEndedWhileItWasAsked(t *testing.T) {
	for name, end := range map[string]func(w *world, b *logintest.Browser, bos *logintest.Device){
		"ended": func(_ *world, b *logintest.Browser, _ *logintest.Device) { b.Send("/my-sessions/sign-out") },
		"another's": func(_ *world, b *logintest.Browser, bos *logintest.Device) {
			b.SignIn(logintest.Request("prompt", "login"), bos)
		},
		"old":          func(w *world, _ *logintest.Browser, _ *logintest.Device) { w.Clock.Advance(14 * time.Minute) },
		"not answered": func(_ *world, b *logintest.Browser, _ *logintest.Device) { delete(b.Cookies, "__Host-sso") },
	} {
		w, b, adas, bos := shared(t)
		at := asks(t, b, logintest.Request("max_age", "600"))
		end(w, b, bos)
		if to := b.Send(at + "/continue"); to != at {
			t.Errorf("%s: it goes on to %s", name, to)
		}
		if page := logintest.Text(b.Get(at)); !strings.Contains(page, "How do you want to log in?") {
			t.Errorf("%s: nobody is asked who they are:\n%s", name, page)
		}
		b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
		if got := w.subject(b.Send(at+"/key", "answer", b.Touch(at, adas))); got != w.UUID {
			t.Errorf("%s: logged in as %q", name, got)
		}
	}
}

// What the browser keeps says nothing to whoever reads it. What cannot be read counts as somebody else's.
func TestTheBrowserKeepsNothingReadable(t *testing.T) {
	w, b, adas, _ := shared(t)
	cookie := b.Cookies["__Host-users"]
	sealed, err := base64.RawURLEncoding.DecodeString(cookie)
	text := string(sealed)
	if err != nil || text == "" || strings.Contains(text, w.UUID) || strings.Contains(text, "last") {
		t.Errorf("%q, %v", sealed, err)
	}
	own := w.Browser()
	own.SignIn(logintest.Request(), adas)
	for _, other := range []string{"x", cookie[:len(cookie)-4], "AAAA" + cookie} {
		own.Cookies["__Host-users"] = other
		asks(t, own, logintest.Request())
	}
}

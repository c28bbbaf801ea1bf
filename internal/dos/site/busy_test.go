package site_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/platform/line"
	"signpost/internal/platform/line/linetest"
	"signpost/internal/platform/web/webtest"
)

// Where too many passwords wait to be checked, the form stays as it was filled in, but the password, and says how long
// to wait; the same form is taken later. Nothing counts as a wrong try.
func TestTooManyPasswordsAtOnce(t *testing.T) {
	w := newWorld(t)
	claims := w.browser()
	w.issuer.Person.Subject = "500000000099"
	if got := claims.careIdentity(); got.location != "/sign-in/no-account" {
		t.Fatalf("a Care Identity without an account: %d to %q", got.status, got.location)
	}
	proves := w.browser()
	proves.withPassword("ada", goodPass)
	for name, tt := range map[string]struct {
		b    *browser
		at   string
		form []string
		to   string
	}{
		"log in":  {w.browser(), "/sign-in", []string{"username", "ada", "password", goodPass}, "/"},
		"claim":   {claims, "/link/claim", []string{"username", "ada", "password", goodPass}, ""},
		"confirm": {proves, "/account/prove", []string{"password", goodPass}, "/account"},
	} {
		empty := linetest.Fill(t, w.Passwords.Turns())
		for range 12 {
			got := tt.b.Send(webtest.Request(http.MethodPost, home+tt.at, webtest.Form(tt.form...)))
			text := got.Body.String()
			again := got.Header().Get("Retry-After")
			if got.Code != http.StatusServiceUnavailable || again != "10" ||
				!strings.Contains(text, "logging in at the moment") || !strings.Contains(text, "Wait 10 seconds") {
				t.Fatalf("%s: %d, come again after %q: %s", name, got.Code, again, text)
			}
			asksName := tt.at != "/account/prove"
			if strings.Contains(text, goodPass) || asksName && !strings.Contains(text, `value="ada"`) {
				t.Fatalf("%s: not as it was filled in: %s", name, text)
			}
		}
		empty()
		got := tt.b.post(tt.at, tt.form...)
		if got.status >= http.StatusBadRequest || tt.to != "" && got.location != tt.to {
			t.Errorf("%s, later: %d to %q: %s", name, got.status, got.location, got.body)
		}
	}
}

// Where there is too much to do, a new login is told to come again; whoever is logged in goes on.
func TestNewLoginsAreToldToComeAgain(t *testing.T) {
	w := newWorld(t)
	w.entry = line.New(line.Options{})
	w.makeSite()
	in := w.browser()
	if got := in.withPassword("ada", goodPass); got.status != http.StatusSeeOther {
		t.Errorf("a password, which has a line of its own: %d", got.status)
	}
	got := w.browser().post("/sign-in/care-identity")
	if got.status != http.StatusServiceUnavailable || !strings.Contains(got.body, "Wait 10 seconds") {
		t.Errorf("a new login: %d %s", got.status, got.body)
	}
	if !in.signedIn() {
		t.Error("whoever is logged in does not see their account")
	}
}

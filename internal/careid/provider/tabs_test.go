package provider_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
)

// Two tabs of one browser sign in; the first waits for a role. It goes on with the session that the same person began
// in the second, and never shows anything to another person.
func TestTheFirstTabAfterTheSecond(t *testing.T) {
	w, key := withKey(t)
	w.Position("S8000:G8000:R8001")
	roles := logintest.Request("scope", "openid nationalrbacaccess selectedrole")
	waits := func() (*logintest.Browser, string) {
		b := w.Browser()
		at := b.Begin(roles)
		b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
		b.Send(at+"/key", "answer", b.Touch(at, key))
		if page := logintest.Text(b.Get(at)); !strings.Contains(page, "R8001") && !strings.Contains(page, "role") {
			t.Fatalf("no role to choose: %s", page)
		}
		return b, at
	}

	b, at := waits()
	b.SignIn(logintest.Request("prompt", "login", "scope", "openid"), key)
	if res := b.Get(at); res.StatusCode != http.StatusOK {
		t.Errorf("the role page after the same person's newer session: %d", res.StatusCode)
	}
	if to := b.Send(at+"/role", "role", w.Roles()[0]); !strings.Contains(to, "code=") {
		t.Errorf("the first tab went to %s", to)
	}

	b, at = waits()
	others := w.Another(t)
	b.SignIn(logintest.Request("prompt", "login", "scope", "openid"), others)
	res := b.Get(at)
	if res.StatusCode != http.StatusGone || strings.Contains(logintest.Text(res), "EXAMPLE PHARMACY") {
		t.Errorf("another person is shown the first one's roles: %d", res.StatusCode)
	}
	res = b.Do("POST", at+"/role", logintest.Values("role", w.Roles()[0]))
	if to := res.Header.Get("Location"); to != at {
		t.Errorf("another person chose the first one's role: %d, %s", res.StatusCode, to)
	}
}

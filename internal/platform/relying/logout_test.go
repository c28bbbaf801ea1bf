package relying_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/relying/relyingtest"
)

func TestVerifyLogout(t *testing.T) {
	m := meet(t, nil)
	got, err := m.client.VerifyLogout(t.Context(), m.issuer.LogoutToken(t, clientID, "500000000017", "s1", nil))
	if err != nil {
		t.Fatal(err)
	}
	if got.Issuer != m.issuer.Name || got.Subject != "500000000017" || got.SID != "s1" || got.Token.ID == "" ||
		!got.IssuedAt.Equal(noon) {
		t.Errorf("claims %+v", got)
	}

	set := func(name string, value any) func(map[string]any) {
		return func(c map[string]any) { c[name] = value }
	}
	drop := func(names ...string) func(map[string]any) {
		return func(c map[string]any) {
			for _, name := range names {
				delete(c, name)
			}
		}
	}
	attacks := map[string]func(map[string]any){
		"another issuer":      set("iss", "https://evil.example"),
		"another client":      set("aud", "999999999999.apps.national"),
		"several clients":     set("aud", []string{clientID, "x"}),
		"a nonce":             set("nonce", "n"),
		"no event":            drop("events"),
		"another event":       set("events", map[string]any{"x": map[string]any{}}),
		"event is no object":  set("events", map[string]any{jwt.LogoutEvent: nil}),
		"no jti":              drop("jti"),
		"no exp":              drop("exp"),
		"no iat":              drop("iat"),
		"neither sub nor sid": drop("sub", "sid"),
		"expired":             set("exp", noon.Add(-2*time.Minute).Unix()),
		"from the future":     set("iat", noon.Add(10*time.Minute).Unix()),
	}
	accepted := 0
	for name, change := range attacks {
		if _, err := m.client.VerifyLogout(t.Context(),
			m.issuer.LogoutToken(t, clientID, "500000000017", "s1", change)); err == nil {
			accepted++
			t.Errorf("%s: accepted", name)
		} else if !errors.Is(err, fault.Invalid) {
			t.Errorf("%s: %v, want fault.Invalid", name, err)
		}
	}
	t.Logf("tried %d, accepted %d", len(attacks), accepted)
	if len(attacks) == 0 {
		t.Error("nothing was tried")
	}
}

func TestLogoutTokenNeedsItsType(t *testing.T) {
	for _, tt := range []struct {
		typ   string
		plain bool
		ok    bool
	}{
		{jwt.TypeLogout, false, true}, {"JWT", false, false}, {"", false, false},
		{"JWT", true, true}, {"", true, true}, {"at+jwt", true, false},
	} {
		m := meet(t, func(c *relying.Config) {
			c.PlainLogoutType = tt.plain
			c.Auth = relying.Auth{Secret: "a secret"}
		})
		m.issuer.Alter = relyingtest.Alter{Sign: func(_ string, claims any) string {
			token, err := jwt.Sign(m.issuer.Key, tt.typ, claims)
			if err != nil {
				t.Error(err)
			}
			return token
		}}
		_, err := m.client.VerifyLogout(t.Context(), m.issuer.LogoutToken(t, clientID, "500000000017", "s1", nil))
		if (err == nil) != tt.ok {
			t.Errorf("typ %q, plain types taken %v: %v", tt.typ, tt.plain, err)
		}
	}
}

func TestIDTokenIsNoLogoutToken(t *testing.T) {
	m := meet(t, func(c *relying.Config) { c.PlainLogoutType = true })
	p, err := m.signIn(t)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.client.VerifyLogout(t.Context(), p.IDToken); !errors.Is(err, fault.Invalid) {
		t.Errorf("an ID token ended a session: %v", err)
	}
}

// What the browser posts has the ID token; an address has none.
func TestLogoutForm(t *testing.T) {
	m := meet(t, nil)
	to, fields, err := m.client.LogoutForm(t.Context(), "the-token", "the-state")
	if err != nil {
		t.Fatal(err)
	}
	back := "post_logout_redirect_uri=" + url.QueryEscape("http://dos.localhost:8080/signed-out")
	want := "client_id=" + clientID + "&id_token_hint=the-token&" + back + "&state=the-state"
	if fields.Encode() != want || strings.Contains(to, "?") {
		t.Errorf("to %s, %s, want %s", to, fields.Encode(), want)
	}
	m.issuer.Alter.Metadata = func(d map[string]any) { delete(d, "end_session_endpoint") }
	m.newClient(t)
	if _, _, err := m.client.LogoutForm(t.Context(), "", ""); !errors.Is(err, fault.NotFound) {
		t.Errorf("a provider without: %v, want NotFound", err)
	}
}

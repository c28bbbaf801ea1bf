package relying_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/url"
	"testing"
	"time"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/jwt/jwttest"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/relying/relyingtest"
)

// byHand writes a token with any header, signed with a shared secret or not at all.
func byHand(head map[string]any, claims any, secret []byte) string {
	h, _ := json.Marshal(head)
	c, _ := json.Marshal(claims)
	input := base64.RawURLEncoding.EncodeToString(h) + "." + base64.RawURLEncoding.EncodeToString(c)
	if secret == nil {
		return input + "."
	}
	m := hmac.New(sha256.New, secret)
	m.Write([]byte(input))
	return input + "." + base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

func claim(name string, value any) relyingtest.Alter {
	return relyingtest.Alter{IDToken: func(c map[string]any) {
		if value == nil {
			delete(c, name)
			return
		}
		c[name] = value
	}}
}

func signing(sign func(typ string, claims any) string) relyingtest.Alter {
	return relyingtest.Alter{Sign: sign}
}

// Every attack differs from the correct sign-in in one way. The same client tries each, and the correct sign-in
// works before and after it.
func TestHostileAnswersAreRefused(t *testing.T) {
	m := meet(t, nil)
	other := jwttest.Key(t, "stranger", jwt.RS256)
	pretender := other
	pretender.ID = m.issuer.Key.ID
	der, _ := x509.MarshalPKIXPublicKey(m.issuer.Key.Public())
	published := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	sign := func(k jwt.Key, typ string, claims any) string {
		token, err := jwt.Sign(k, typ, claims)
		if err != nil {
			t.Error(err)
		}
		return token
	}
	at := func(d time.Duration) int64 { return noon.Add(d).Unix() }

	attacks := []struct {
		name  string
		alter relyingtest.Alter
		want  relying.Reason
	}{
		{"iss of another", claim("iss", "https://evil.example"), relying.Untrusted},
		{"iss with a slash more", claim("iss", m.issuer.Name+"/"), relying.Untrusted},
		{"no iss", claim("iss", nil), relying.Untrusted},
		{"aud of another client", claim("aud", "999999999999.apps.national"), relying.Untrusted},
		{"aud as an array", claim("aud", []string{clientID}), relying.Untrusted},
		{"aud with another beside", claim("aud", []string{clientID, "x"}), relying.Untrusted},
		{"no aud", claim("aud", nil), relying.Untrusted},
		{"azp of another client", claim("azp", "999999999999.apps.national"), relying.Untrusted},
		{"empty azp", claim("azp", ""), relying.Untrusted},
		{"nonce of another sign-in", claim("nonce", "another"), relying.Untrusted},
		{"no nonce", claim("nonce", nil), relying.Untrusted},
		{"at_hash of another token", claim("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"), relying.Untrusted},
		{"expired", claim("exp", at(-2*time.Minute)), relying.Untrusted},
		{"no exp", claim("exp", nil), relying.Untrusted},
		{"exp as text", claim("exp", "9999999999"), relying.Untrusted},
		{"issued before the start", claim("iat", at(-10*time.Minute)), relying.Untrusted},
		{"issued in the future", claim("iat", at(10*time.Minute)), relying.Untrusted},
		{"no iat", claim("iat", nil), relying.Untrusted},
		{"not yet valid", claim("nbf", at(3*time.Minute)), relying.Untrusted},
		{"no sub", claim("sub", nil), relying.Untrusted},
		{"auth_time an hour ago", claim("auth_time", at(-time.Hour)), relying.Stale},
		{"no auth_time", claim("auth_time", nil), relying.Stale},
		{"auth_time in the future", claim("auth_time", at(time.Hour)), relying.Untrusted},

		{"signed by another, unknown kid", signing(func(typ string, c any) string { return sign(other, typ, c) }),
			relying.Untrusted},
		{"signed by another, known kid",
			signing(func(typ string, c any) string { return sign(pretender, typ, c) }), relying.Untrusted},
		{"alg none", signing(func(_ string, c any) string {
			return byHand(map[string]any{"alg": "none"}, c, nil)
		}), relying.Untrusted},
		{"HS256 with the public key", signing(func(_ string, c any) string {
			return byHand(map[string]any{"alg": "HS256", "kid": m.issuer.Key.ID}, c, published)
		}), relying.Untrusted},
		{"a logout token's type",
			signing(func(_ string, c any) string { return sign(m.issuer.Key, jwt.TypeLogout, c) }), relying.Untrusted},
		{"an access token's type",
			signing(func(_ string, c any) string { return sign(m.issuer.Key, "at+jwt", c) }), relying.Untrusted},

		{"no ID token", relyingtest.Alter{Token: func(a map[string]any) { delete(a, "id_token") }}, relying.Untrusted},
		{"another kind of access token",
			relyingtest.Alter{Token: func(a map[string]any) { a["token_type"] = "mac" }}, relying.Untrusted},
		{"another's access token",
			relyingtest.Alter{Token: func(a map[string]any) { a["access_token"] = "another's" }}, relying.Untrusted},
		{"no access token", relyingtest.Alter{Token: func(a map[string]any) { delete(a, "access_token") }},
			relying.Unreachable},
		{"code refused", relyingtest.Alter{Refuse: "invalid_grant"}, relying.CodeRefused},
		{"client refused", relyingtest.Alter{Refuse: "invalid_client"}, relying.ClientRefused},
		{"userinfo about another",
			relyingtest.Alter{UserInfo: func(u map[string]any) { u["sub"] = "500000000018" }}, relying.WrongSubject},
		{"userinfo about nobody", relyingtest.Alter{UserInfo: func(u map[string]any) { delete(u, "sub") }},
			relying.WrongSubject},
		{"userinfo no object", relyingtest.Alter{UserInfo: func(u map[string]any) {
			u["sub"] = []string{"500000000017"}
		}}, relying.Untrusted},
	}
	accepted := 0
	for _, attack := range attacks {
		m.issuer.Alter = relyingtest.Alter{}
		if _, err := m.signIn(t); err != nil {
			t.Fatalf("the honest sign-in before %q: %v", attack.name, err)
		}
		m.issuer.Alter = attack.alter
		p, err := m.signIn(t)
		if err == nil {
			accepted++
			t.Errorf("%s: let in %s", attack.name, p.Claims)
			continue
		}
		checkRefusal(t, attack.name, err, attack.want)
	}
	t.Logf("tried %d, accepted %d", len(attacks), accepted)
	if len(attacks) == 0 {
		t.Error("nothing was tried")
	}
}

// checkRefusal checks that an error has the reason, and the code of a fault.
func checkRefusal(t *testing.T, name string, err error, want relying.Reason) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %q", name, err, want)
	}
	if _, ok := fault.From(err); !ok {
		t.Errorf("%s: of no kind: %v", name, err)
	}
}

func TestHostileCallbacksAreRefused(t *testing.T) {
	m := meet(t, nil)
	attacks := []struct {
		name   string
		change func(q url.Values, p *relying.Pending)
		want   relying.Reason
	}{
		{"another's state", func(q url.Values, _ *relying.Pending) { q.Set("state", "another") }, relying.WrongState},
		{"no state", func(q url.Values, _ *relying.Pending) { q.Del("state") }, relying.WrongState},
		{"nothing was started", func(q url.Values, p *relying.Pending) { *p = relying.Pending{}; q.Del("state") },
			relying.WrongState},
		{"state twice", func(q url.Values, _ *relying.Pending) { q.Add("state", q.Get("state")) }, relying.Malformed},
		{"code twice", func(q url.Values, _ *relying.Pending) { q.Add("code", "another") }, relying.Malformed},
		{"iss twice", func(q url.Values, _ *relying.Pending) { q.Add("iss", "https://evil.example") },
			relying.Malformed},
		{"iss of another", func(q url.Values, _ *relying.Pending) { q.Set("iss", "https://evil.example") },
			relying.WrongIssuer},
		{"empty iss", func(q url.Values, _ *relying.Pending) { q.Set("iss", "") }, relying.WrongIssuer},
		{"iss left out though promised", func(q url.Values, _ *relying.Pending) { q.Del("iss") }, relying.WrongIssuer},
		{"started at another issuer", func(_ url.Values, p *relying.Pending) { p.Issuer = "https://evil.example" },
			relying.WrongIssuer},
		{"no code", func(q url.Values, _ *relying.Pending) { q.Del("code") }, relying.Malformed},
		{"a made-up code", func(q url.Values, _ *relying.Pending) { q.Set("code", "made-up") }, relying.CodeRefused},
		{"another's verifier", func(_ url.Values, p *relying.Pending) { p.Verifier = "another" }, relying.CodeRefused},
		{"cancelled", func(q url.Values, _ *relying.Pending) { q.Set("error", "access_denied") }, relying.Denied},
		{"page needed", func(q url.Values, _ *relying.Pending) { q.Set("error", "login_required") },
			relying.NeedsSignIn},
		{"wrong scope", func(q url.Values, _ *relying.Pending) { q.Set("error", "invalid_scope") },
			relying.ClientRefused},
		{"provider in trouble", func(q url.Values, _ *relying.Pending) {
			q.Set("error", "temporarily_unavailable")
		}, relying.Unreachable},
		{"error nobody knows", func(q url.Values, _ *relying.Pending) { q.Set("error", "x") }, relying.Unreachable},
	}
	accepted := 0
	for _, attack := range attacks {
		if _, err := m.signIn(t); err != nil {
			t.Fatalf("the honest sign-in before %q: %v", attack.name, err)
		}
		back, pending := m.start(t, relying.Ask{})
		attack.change(back, &pending)
		if _, err := m.client.Redeem(t.Context(), pending, back); err != nil {
			checkRefusal(t, attack.name, err, attack.want)
			continue
		}
		accepted++
		t.Errorf("%s: let in", attack.name)
	}
	t.Logf("tried %d, accepted %d", len(attacks), accepted)
	if len(attacks) == 0 {
		t.Error("nothing was tried")
	}
}

// A code from the attacker's own sign-in in the victim's callback, with the victim's state.
func TestInjectedCodeIsRefused(t *testing.T) {
	m := meet(t, nil)
	attackers, _ := m.start(t, relying.Ask{})
	victims, pending := m.start(t, relying.Ask{})
	victims.Set("code", attackers.Get("code"))
	_, err := m.client.Redeem(t.Context(), pending, victims)
	checkRefusal(t, "injected code", err, relying.CodeRefused)
}

func TestCodeIsRedeemedOnce(t *testing.T) {
	m := meet(t, nil)
	back, pending := m.start(t, relying.Ask{})
	if _, err := m.client.Redeem(t.Context(), pending, back); err != nil {
		t.Fatal(err)
	}
	_, err := m.client.Redeem(t.Context(), pending, back)
	checkRefusal(t, "same code again", err, relying.CodeRefused)
}

func TestMaxAgeIsHeldTo(t *testing.T) {
	m := meet(t, func(c *relying.Config) {
		c.Prompt = ""
		c.MaxAge = 5 * time.Minute
	})
	for _, tt := range []struct {
		ago time.Duration
		ok  bool
	}{{0, true}, {5 * time.Minute, true}, {6 * time.Minute, true}, {6*time.Minute + time.Second, false},
		{time.Hour, false}} {
		m.issuer.Person.AuthTime = noon.Add(-tt.ago)
		_, err := m.signIn(t)
		if (err == nil) != tt.ok {
			t.Errorf("proved themselves %s ago, 5 min asked: %v", tt.ago, err)
		}
		if err != nil {
			checkRefusal(t, tt.ago.String(), err, relying.Stale)
		}
	}
}

func TestSessionIsEnoughWhereNothingFreshIsAsked(t *testing.T) {
	m := meet(t, func(c *relying.Config) { c.Prompt = "" })
	m.issuer.Person.AuthTime = noon.Add(-8 * time.Hour)
	if _, err := m.signIn(t); err != nil {
		t.Error(err)
	}
}

func TestHostileMetadataIsRefused(t *testing.T) {
	for name, change := range map[string]func(map[string]any){
		"another issuer":       func(m map[string]any) { m["issuer"] = "https://evil.example" },
		"no issuer":            func(m map[string]any) { delete(m, "issuer") },
		"no token endpoint":    func(m map[string]any) { delete(m, "token_endpoint") },
		"keys in a file":       func(m map[string]any) { m["jwks_uri"] = "file:///etc/passwd" },
		"script for authorize": func(m map[string]any) { m["authorization_endpoint"] = "javascript:alert(1)" },
	} {
		m := meet(t, func(c *relying.Config) { c.Auth = relying.Auth{Secret: "a secret"} })
		if _, err := m.signIn(t); err != nil {
			t.Fatal(err)
		}
		m.issuer.Alter.Metadata = change
		m.newClient(t)
		_, _, err := m.client.Start(t.Context(), relying.Ask{})
		checkRefusal(t, name, err, relying.Unreachable)
	}
}

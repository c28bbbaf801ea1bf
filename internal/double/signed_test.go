package double_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"signpost/internal/careid/provider/client"
	"signpost/internal/double"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/worldtest"
)

// Faults in what is signed are signed again: a service that checks every signature sees them too.
func TestFaultsInSignedAnswers(t *testing.T) {
	w := open(t, func(o *double.Options) {
		o.File.Clients[0].IDTokenAlgorithm = jwt.ES256
		o.File.Clients[0].UserInfoAlgorithm = jwt.ES256
	})
	rp := w.party()
	w.rp.verifier = rp.provider.Verifier(&oidc.Config{ClientID: rp.oauth.ClientID, SupportedSigningAlgs: []string{oidc.ES256}})
	look := func() (level, email any) {
		tokens, err := w.tokens(ada())
		worldtest.Check(t, err)
		info, err := w.userInfo(tokens)
		worldtest.Check(t, err)
		return w.claims(tokens)["authentication_assurance_level"], info["email"]
	}
	if level, email := look(); level != "3" || email != "ada@example.invalid" {
		t.Fatalf("without faults: level %v, email %v", level, email)
	}
	w.switchOn(map[string]any{"fault": "number-levels"})
	w.switchOn(map[string]any{"fault": "no-email"})
	if level, email := look(); level != 3.0 || email != nil {
		t.Errorf("with faults: level %v, email %v", level, email)
	}
}

// A client with a key proves itself as at CIS2, and is refused as CIS2 refuses it.
func TestClientWithKey(t *testing.T) {
	key, err := jwt.Generate(jwt.ES256)
	worldtest.Check(t, err)
	set, err := json.Marshal(jwt.NewSet(key))
	worldtest.Check(t, err)
	w := open(t, func(o *double.Options) {
		c := &o.File.Clients[0]
		c.AuthMethod = client.PrivateKeyJWT
		c.Algorithm = jwt.ES256
		c.JWKS = string(set)
		c.Secret = ""
	})
	redeem := func(jti string) (int, string) {
		address, verifier := w.request()
		location, _ := w.must("sign-in", map[string]any{"url": address, "person": "ada"})["location"].(string)
		now := time.Now().Unix()
		assertion, err := jwt.Sign(key, "JWT", map[string]any{
			"iss": w.party().oauth.ClientID, "sub": w.party().oauth.ClientID, "aud": w.party().oauth.Endpoint.TokenURL, "jti": jti, "iat": now, "exp": now + 120,
		})
		worldtest.Check(t, err)
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.party().oauth.Endpoint.TokenURL, strings.NewReader(url.Values{
			"grant_type": {"authorization_code"}, "code": {w.codeFrom(location)}, "redirect_uri": {"http://localhost:3000/callback"}, "code_verifier": {verifier},
			"client_assertion_type": {jwt.AssertionType}, "client_assertion": {assertion},
		}.Encode()))
		worldtest.Check(t, err)
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		return w.send(r)
	}
	if status, text := redeem("one"); status != http.StatusOK || !strings.Contains(text, "id_token") {
		t.Fatalf("honest: %d %s", status, text)
	}
	if status, text := redeem("one"); status != http.StatusUnauthorized || !strings.Contains(text, "JWT is not valid") {
		t.Errorf("a jti again: %d %s", status, text)
	}
	w.switchOn(map[string]any{"fault": "invalid-client", "times": 1})
	if status, text := redeem("two"); status != http.StatusUnauthorized || !strings.Contains(text, "JWT is not valid") {
		t.Errorf("with the fault: %d %s", status, text)
	}
	w.must("clock", map[string]any{"advance": "13h"})
	if status, _ := redeem("three"); status != http.StatusUnauthorized {
		t.Errorf("an assertion from 13 hours ago: %d", status)
	}
	_, refusals := w.ask("refusals", nil)
	for _, why := range []string{"jti", "signature", "exp"} {
		if !strings.Contains(refusals, why) {
			t.Errorf("refusals do not tell of %s: %s", why, refusals)
		}
	}
	if recording := w.recording.String(); !strings.Contains(recording, `"client_assertion":{`) ||
		strings.Contains(recording, "eyJ") {
		t.Error("the recording has the assertion itself, or not its claims")
	}
}

// An answer for the form_post mode says what is to be posted.
func TestFormPost(t *testing.T) {
	w := open(t)
	address, verifier := w.request("response_mode", "form_post")
	got := w.must("sign-in", map[string]any{"url": address, "person": "ada"})
	fields, _ := got["fields"].(map[string]any)
	if got["location"] != "http://localhost:3000/callback" || fields["state"] != "s-1" ||
		fields["iss"] != w.double.Issuer() {
		t.Fatalf("answered %v", got)
	}
	code, _ := fields["code"].(string)
	_, err := w.party().oauth.Exchange(t.Context(), code, oauth2.VerifierOption(verifier))
	worldtest.Check(t, err)
}

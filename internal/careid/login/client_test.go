package login_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
)

const verifier = "a-verifier-of-the-length-that-the-standard-wants-43"

func challengeOf(v string) string {
	sum := sha256.Sum256([]byte(v))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func unbase64(t testing.TB, s string) []byte {
	t.Helper()
	return must(base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "=")))(t)
}

// assertion is the client's proof of itself, with changes.
func (w *world) assertion(change ...func(claims map[string]any)) string {
	now := w.clock.Now().Unix()
	claims := map[string]any{"iss": clientID, "sub": clientID, "aud": issuer + "/access_token", "jti": random.ID(), "iat": now, "exp": now + 180}
	for _, c := range change {
		c(claims)
	}
	return must(jwt.Sign(w.key, "JWT", claims))(w.t)
}

// answer is what the token endpoint said.
type answer struct {
	status           int
	AccessToken      string `json:"access_token"`
	IDToken          string `json:"id_token"`
	TokenType        string `json:"token_type"`
	Scope            string `json:"scope"`
	ExpiresIn        int    `json:"expires_in"`
	Nonce            string `json:"nonce"`
	Error            string `json:"error"`
	ErrorDescription string `json:"error_description"`
}

func (w *world) post(path string, form url.Values) *http.Response {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	return rec.Result()
}

// redeem exchanges a code, with changes to the form.
func (w *world) redeem(code string, pairs ...string) answer {
	w.t.Helper()
	form := values("grant_type", "authorization_code", "code", code, "redirect_uri", callback, "client_id", clientID, "code_verifier", verifier,
		"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer", "client_assertion", w.assertion())
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "-" {
			form.Del(pairs[i])
		}
	}
	res := w.post(realm+"/access_token", form)
	a := answer{status: res.StatusCode}
	check(w.t, json.Unmarshal([]byte(text(res)), &a))
	return a
}

// userInfo asks for a person's claims.
func (w *world) userInfo(access string) (int, map[string]any) {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodGet, realm+"/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+access)
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	var claims map[string]any
	check(w.t, json.Unmarshal(rec.Body.Bytes(), &claims))
	return rec.Code, claims
}

// idClaims verifies an ID token with the published keys and gives its claims.
func (w *world) idClaims(token string) map[string]any {
	w.t.Helper()
	set := must(jwt.ParseSet([]byte(text(w.browser().get(realm + "/connect/jwk_uri")))))(w.t)
	verified := must(jwt.Verify(w.t.Context(), token, set, jwt.Expect{Algorithms: []jwt.Algorithm{jwt.RS256}, Types: []string{"JWT"}}))(w.t)
	var claims map[string]any
	check(w.t, verified.Decode(&claims))
	return claims
}

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
	claims := map[string]any{"iss": clientID, "sub": clientID, "aud": issuer + "/access_token", "jti": random.ID(),
		"iat": now, "exp": now + 180}
	for _, c := range change {
		c(claims)
	}
	return must(jwt.Sign(w.key, "JWT", claims))(w.t)
}

// answer is the answer of the token endpoint.
type answer struct {
	status           int
	contentType      string
	cacheControl     string
	RefreshToken     string `json:"refresh_token"`
	AccessToken      string `json:"access_token"`
	IDToken          string `json:"id_token"`
	TokenType        string `json:"token_type"`
	Scope            string `json:"scope"`
	ExpiresIn        int    `json:"expires_in"`
	Nonce            string `json:"nonce"`
	Error            string `json:"error"`
	ErrorDescription string `json:"error_description"`
}

func (w *world) post(path string, form url.Values) *http.Response { return w.postWith(path, "", form) }

func (w *world) postWith(path, authorization string, form url.Values) *http.Response {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	return rec.Result()
}

// redeem exchanges a code, with changes to the form.
func (w *world) redeem(code string, pairs ...string) answer {
	w.t.Helper()
	form := values("grant_type", "authorization_code", "code", code, "redirect_uri", callback, "client_id", clientID,
		"code_verifier", verifier,
		"client_assertion_type", jwt.AssertionType, "client_assertion", w.assertion())
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "-" {
			form.Del(pairs[i])
		}
	}
	res := w.post(realm+"/access_token", form)
	a := answer{status: res.StatusCode, contentType: res.Header.Get("Content-Type"),
		cacheControl: res.Header.Get("Cache-Control")}
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
	set := must(jwt.ParseSet([]byte(text(w.machine().get(realm + "/connect/jwk_uri")))))(w.t)
	expect := jwt.Expect{Algorithms: []jwt.Algorithm{jwt.RS256}, Types: []string{"JWT"}}
	verified := must(jwt.Verify(w.t.Context(), token, set, expect))(w.t)
	var claims map[string]any
	check(w.t, verified.Decode(&claims))
	return claims
}

// userInfoByPost asks for claims by POST, which must succeed.
func (w *world) userInfoByPost(header string, form url.Values) {
	w.t.Helper()
	r := httptest.NewRequest(http.MethodPost, realm+"/userinfo", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if header != "" {
		r.Header.Set("Authorization", header)
	}
	rec := httptest.NewRecorder()
	w.site.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), `"sub":"`+w.uuid+`"`) {
		w.t.Errorf("userinfo by POST: %d %s", rec.Code, rec.Body)
	}
}

// list reads a JSON list of texts.
func list(v any) (texts []string) {
	all, _ := v.([]any)
	for _, one := range all {
		if s, ok := one.(string); ok {
			texts = append(texts, s)
		}
	}
	return texts
}

// pairs turns a form into what send takes.
func pairs(form url.Values) (list []string) {
	for name := range form {
		list = append(list, name, form.Get(name))
	}
	return list
}

// unsigned makes a token of alg none.
func unsigned(claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." +
		base64.RawURLEncoding.EncodeToString(payload) + "."
}

// flowWithSecret is a whole flow of the client that has a secret, sent in the form or, if header is
// basic, in the header.
func (h *harness) flowWithSecret(header string) {
	h.t.Helper()
	q := h.ask("client_id", otherID, "redirect_uri", "http://localhost:3000/cb", "scope", "openid profile")
	b := h.browser()
	at := b.begin(q)
	r := h.prove(b, at)
	form := values("grant_type", "authorization_code", "code", r.params.Get("code"),
		"redirect_uri", "http://localhost:3000/cb", "code_verifier", verifier)
	if header == "" {
		form.Set("client_id", otherID)
		form.Set("client_secret", secret)
	}
	res := h.postWith(realm+"/access_token", header, form)
	var a answer
	check(h.t, json.Unmarshal([]byte(text(res)), &a))
	if res.StatusCode != 200 || a.IDToken == "" {
		h.t.Errorf("tokens with a secret: %d %+v", res.StatusCode, a)
	}
}

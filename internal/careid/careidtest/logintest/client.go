package logintest

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
	"signpost/internal/platform/worldtest"
)

// Verifier is the PKCE verifier of Request.
const Verifier = "a-verifier-of-the-length-that-the-standard-wants-43"

// ChallengeOf returns the PKCE challenge of a verifier.
func ChallengeOf(v string) string {
	sum := sha256.Sum256([]byte(v))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func unbase64(t testing.TB, s string) []byte {
	t.Helper()
	return worldtest.Must(base64.RawURLEncoding.DecodeString(strings.TrimRight(s, "=")))(t)
}

// Assertion makes an assertion of the client, with changes.
func (w *World) Assertion(change ...func(claims map[string]any)) string {
	now := w.Clock.Now().Unix()
	claims := map[string]any{"iss": ClientID, "sub": ClientID, "aud": Issuer + "/access_token", "jti": random.ID(),
		"iat": now, "exp": now + 180}
	for _, c := range change {
		c(claims)
	}
	return worldtest.Must(jwt.Sign(w.Key, "JWT", claims))(w)
}

// Answer is an answer of the token endpoint.
type Answer struct {
	Status           int
	ContentType      string
	CacheControl     string
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

// Call posts a form as a program does.
func (w *World) Call(path string, form url.Values) *http.Response { return w.CallWith(path, "", form) }

// CallWith does what Call does, with an Authorization header.
func (w *World) CallWith(path, authorization string, form url.Values) *http.Response {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if authorization != "" {
		r.Header.Set("Authorization", authorization)
	}
	rec := httptest.NewRecorder()
	w.Site.ServeHTTP(rec, r)
	return rec.Result()
}

// Redeem exchanges a code, with changes to the form; the value "-" removes a field.
func (w *World) Redeem(code string, pairs ...string) Answer {
	w.Helper()
	form := Values("grant_type", "authorization_code", "code", code, "redirect_uri", Callback, "client_id", ClientID,
		"code_verifier", Verifier,
		"client_assertion_type", jwt.AssertionType, "client_assertion", w.Assertion())
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "-" {
			form.Del(pairs[i])
		}
	}
	res := w.Call(Realm+"/access_token", form)
	a := Answer{Status: res.StatusCode, ContentType: res.Header.Get("Content-Type"),
		CacheControl: res.Header.Get("Cache-Control")}
	worldtest.Check(w, json.Unmarshal([]byte(Text(res)), &a))
	return a
}

// UserInfo asks for a person's claims.
func (w *World) UserInfo(access string) (int, map[string]any) {
	w.Helper()
	r := httptest.NewRequest(http.MethodGet, Realm+"/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+access)
	rec := httptest.NewRecorder()
	w.Site.ServeHTTP(rec, r)
	var claims map[string]any
	worldtest.Check(w, json.Unmarshal(rec.Body.Bytes(), &claims))
	return rec.Code, claims
}

// IDClaims verifies an ID token with the published keys and returns its claims.
func (w *World) IDClaims(token string) map[string]any {
	w.Helper()
	set := worldtest.Must(jwt.ParseSet([]byte(Text(w.machine().Get(Realm + "/connect/jwk_uri")))))(w)
	expect := jwt.Expect{Algorithms: []jwt.Algorithm{jwt.RS256}, Types: []string{"JWT"}}
	verified := worldtest.Must(jwt.Verify(w.Context(), token, set, expect))(w)
	var claims map[string]any
	worldtest.Check(w, verified.Decode(&claims))
	return claims
}

// UserInfoByPost asks for claims by POST, which must succeed.
func (w *World) UserInfoByPost(header string, form url.Values) {
	w.Helper()
	r := httptest.NewRequest(http.MethodPost, Realm+"/userinfo", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if header != "" {
		r.Header.Set("Authorization", header)
	}
	rec := httptest.NewRecorder()
	w.Site.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK || !strings.Contains(rec.Body.String(), `"sub":"`+w.UUID+`"`) {
		w.Errorf("userinfo by POST: %d %s", rec.Code, rec.Body)
	}
}

// List reads a JSON list of texts.
func List(v any) (texts []string) {
	all, _ := v.([]any)
	for _, one := range all {
		if s, ok := one.(string); ok {
			texts = append(texts, s)
		}
	}
	return texts
}

// Pairs turns a form into the arguments of Send.
func Pairs(form url.Values) (list []string) {
	for name := range form {
		list = append(list, name, form.Get(name))
	}
	return list
}

// Unsigned makes a token of alg none.
func Unsigned(claims map[string]any) string {
	payload, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." +
		base64.RawURLEncoding.EncodeToString(payload) + "."
}

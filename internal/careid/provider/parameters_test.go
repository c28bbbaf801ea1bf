package provider_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/platform/worldtest"
)

// emptied has every parameter that the provider knows and a request does not need, without a value.
func emptied(q url.Values, names ...string) url.Values {
	for _, name := range names {
		if !q.Has(name) {
			q.Set(name, "")
		}
	}
	return q
}

// A parameter without a value is as if it were left out (RFC 6749 §3.1, §3.2), at every endpoint.
func TestParametersWithoutAValueAreAsIfOmitted(t *testing.T) {
	w, key := withKey(t)
	optional := []string{"response_mode", "max_age", "prompt", "display", "ui_locales", "id_token_hint", "login_hint",
		"claims", "acr_values", "request", "request_uri", "registration", "state", "nonce"}
	twice := logintest.Request()
	twice.Add("prompt", "")
	twice.Add("prompt", "")
	twice.Add("scope", "")
	for name, q := range map[string]url.Values{
		"optional ones":    emptied(logintest.Request(), optional...),
		"no PKCE":          logintest.Request("code_challenge", "", "code_challenge_method", ""),
		"empty and twice":  twice,
		"none, but in URL": logintest.Request("unheard_of", ""),
	} {
		code := w.Browser().SignIn(q, key).Query().Get("code")
		verifier := logintest.Verifier
		if q.Get("code_challenge") == "" {
			verifier = ""
		}
		got := w.Redeem(code, "code_verifier", verifier, "client_secret", "", "token", "")
		if got.Status != http.StatusOK {
			t.Errorf("%s: %d %s %s", name, got.Status, got.Error, got.ErrorDescription)
		}
	}
	pushed := emptied(logintest.Request(), optional...)
	if uri, errorCode := w.push(pushed); uri == "" {
		t.Errorf("pushed: %s", errorCode)
	}
	out := logintest.Realm + "/connect/endSession?id_token_hint=&post_logout_redirect_uri=&client_id=&state="
	if to := w.Browser().Get(out).Header.Get("Location"); !strings.HasPrefix(to, "/sign-out/") {
		t.Errorf("sign-out went to %q", to)
	}
}

// The parameters of CIS2's own server in the address of a POST, and others that nobody knows, are read past; one that
// is known must be in the body.
func TestPostsReadPastWhatIsUnknownInTheAddress(t *testing.T) {
	w, key := withKey(t)
	post := func(query string) int {
		form := w.proved("grant_type", "authorization_code", "redirect_uri", logintest.Callback,
			"code_verifier", logintest.Verifier,
			"code", w.Browser().SignIn(logintest.Request(), key).Query().Get("code"))
		form.Add("unheard_of", "1")
		form.Add("unheard_of", "2")
		return w.Call(logintest.Realm+"/access_token"+query, form).StatusCode
	}
	for query, want := range map[string]int{
		"":                                 http.StatusOK,
		"?realm=/NHSIdentity/Healthcare":   http.StatusOK,
		"?schema=openid&schema=x":          http.StatusOK,
		"?code=":                           http.StatusOK,
		"?client_id=" + logintest.ClientID: http.StatusBadRequest,
	} {
		if got := post(query); got != want {
			t.Errorf("%q: %d, want %d", query, got, want)
		}
	}
	access := w.Redeem(w.Browser().SignIn(logintest.Request(), key).Query().Get("code")).AccessToken
	r := httptest.NewRequest(http.MethodPost, logintest.Realm+"/userinfo?schema=openid", nil)
	r.Header.Set("Authorization", "Bearer "+access)
	rec := httptest.NewRecorder()
	w.Site.ServeHTTP(rec, r)
	if rec.Code != http.StatusOK {
		t.Errorf("userinfo with a schema: %d %s", rec.Code, rec.Body)
	}
}

// An error carries the state it was sent, whatever is wrong with the request, also with the state itself.
func TestAnErrorAlwaysCarriesTheState(t *testing.T) {
	w, key := withKey(t)
	long := strings.Repeat("s", 8000)
	if got := w.Browser().SignIn(logintest.Request("state", long), key).Query().Get("state"); got != long {
		t.Errorf("a state of 8,000 bytes came back with %d", len(got))
	}
	for name, q := range map[string]url.Values{
		"refused":        logintest.Request("scope", "none", "state", "st-1"),
		"state too long": logintest.Request("state", long+"s"),
		"state twice":    {"state": {"a", "b"}},
		"a NUL in it":    logintest.Request("state", "a\x00b"),
	} {
		for own, values := range logintest.Request() {
			if !q.Has(own) {
				q[own] = values
			}
		}
		answer := w.Browser().Get(logintest.Realm + "/authorize?" + q.Encode())
		to := worldtest.Must(url.Parse(answer.Header.Get("Location")))(t)
		if to.Query().Get("error") == "" || to.Query().Get("state") != q.Get("state") {
			t.Errorf("%s: error %q, state %.20q, want %.20q", name, to.Query().Get("error"), to.Query().Get("state"),
				q.Get("state"))
		}
	}
}

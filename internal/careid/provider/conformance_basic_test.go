package provider_test

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/platform/random"
	"signpost/internal/platform/worldtest"
)

func TestConformanceBasicOP(t *testing.T) { runPlan(t, "Basic OP", false, basicModules) }

func TestConformanceFormPostOP(t *testing.T) { runPlan(t, "Form Post OP", true, basicModules) }

// basicModules are the modules of the Basic and Form Post plans that run with clients registered beforehand.
var basicModules = []module{
	{"oidcc-server", func(h *harness) {
		h.checkKeys()
		h.flow(h.Browser(), h.ask())
	}},
	{"oidcc-response-type-missing", func(h *harness) {
		if e := h.refused(h.Browser(), h.ask("response_type", "-")); e != "invalid_request" &&
			e != "unsupported_response_type" {
			h.Errorf("error %s", e)
		}
	}},
	{"oidcc-userinfo-get", func(h *harness) { h.flow(h.Browser(), h.ask()) }},
	{"oidcc-userinfo-post-header", func(h *harness) {
		h.UserInfoByPost("Bearer "+h.flow(h.Browser(), h.ask()).tokens.AccessToken, nil)
	}},
	{"oidcc-userinfo-post-body", func(h *harness) {
		h.UserInfoByPost("", logintest.Values("access_token", h.flow(h.Browser(), h.ask()).tokens.AccessToken))
	}},
	{"oidcc-ensure-request-without-nonce-succeeds-for-code-flow", func(h *harness) { h.flow(h.Browser(), h.ask("nonce", "-")) }},
	{"oidcc-scope-profile", func(h *harness) {
		h.gives(h.flow(h.Browser(), h.ask("scope", "openid profile")), []string{"name", "given_name", "family_name"},
			[]string{"email"})
	}},
	{"oidcc-scope-email", func(h *harness) {
		h.gives(h.flow(h.Browser(), h.ask("scope", "openid email")), []string{"email", "email_verified"},
			[]string{"name"})
	}},
	{"oidcc-scope-address", func(h *harness) { h.scopeNotOffered("address") }},
	{"oidcc-scope-phone", func(h *harness) { h.scopeNotOffered("phone") }},
	{"oidcc-scope-all", func(h *harness) {
		h.gives(h.flow(h.Browser(), h.ask("scope", "openid profile email")), []string{"name", "email"}, nil)
	}},
	{"oidcc-alternate-happy-flow", func(h *harness) {
		h.gives(h.flow(h.Browser(), h.ask("scope", "email profile openid", "a_first_parameter", "1")),
			[]string{"name", "email"}, nil)
	}},
	{"oidcc-display-page", func(h *harness) { h.flow(h.Browser(), h.ask("display", "page")) }},
	{"oidcc-display-popup", func(h *harness) { h.flow(h.Browser(), h.ask("display", "popup")) }},
	{"oidcc-prompt-login", func(h *harness) {
		b := h.Browser()
		first := h.flow(b, h.ask())
		h.Clock.Advance(2 * time.Second)
		h.asksAgain(b, h.ask("prompt", "login"))
		again := h.flow(b, h.ask("prompt", "login"))
		if again.id["auth_time"].(float64) <= first.id["auth_time"].(float64) {
			h.Errorf("auth_time %v then %v", first.id["auth_time"], again.id["auth_time"])
		}
	}},
	{"oidcc-prompt-none-not-logged-in", func(h *harness) {
		if e := h.refused(h.Browser(), h.ask("prompt", "none")); e != "login_required" {
			h.Errorf("error %s", e)
		}
	}},
	{"oidcc-prompt-none-logged-in", func(h *harness) {
		b := h.Browser()
		h.same(h.flow(b, h.ask()), h.silentFlow(b, h.ask("prompt", "none")))
	}},
	{"oidcc-max-age-1", func(h *harness) {
		b := h.Browser()
		first := h.flow(b, h.ask())
		h.Clock.Advance(2 * time.Second)
		h.asksAgain(b, h.ask("max_age", "1"))
		again := h.flow(b, h.ask("max_age", "1"))
		if again.id["auth_time"].(float64) <= first.id["auth_time"].(float64) {
			h.Errorf("auth_time %v then %v", first.id["auth_time"], again.id["auth_time"])
		}
	}},
	{"oidcc-max-age-10000", func(h *harness) {
		b := h.Browser()
		first := h.flow(b, h.ask("max_age", "10000"))
		h.Clock.Advance(2 * time.Second)
		h.same(first, h.silentFlow(b, h.ask("max_age", "10000")))
	}},
	{"oidcc-ensure-request-with-unknown-parameter-succeeds", func(h *harness) { h.flow(h.Browser(), h.ask("extra", "foobar")) }},
	{"oidcc-id-token-hint", func(h *harness) {
		b := h.Browser()
		first := h.flow(b, h.ask())
		h.same(first, h.silentFlow(b, h.ask("prompt", "none", "id_token_hint", first.tokens.IDToken)))
	}},
	{"oidcc-login-hint", func(h *harness) { h.flow(h.Browser(), h.ask("login_hint", "ada@example.nhs.uk")) }},
	{"oidcc-ui-locales", func(h *harness) { h.flow(h.Browser(), h.ask("ui_locales", "cy en-GB")) }},
	{"oidcc-claims-locales", func(h *harness) { h.flow(h.Browser(), h.ask("claims_locales", "cy en-GB")) }},
	{"oidcc-ensure-request-with-acr-values-succeeds", func(h *harness) {
		if f := h.flow(h.Browser(), h.ask("acr_values", "AAL9_UNKNOWN AAL3_FIDO2")); f.id["acr"] != "AAL3_FIDO2" {
			h.Errorf("acr %v", f.id["acr"])
		}
	}},
	{"oidcc-codereuse", func(h *harness) { h.reuse(0) }},
	{"oidcc-codereuse-30seconds", func(h *harness) { h.reuse(30 * time.Second) }},
	{"oidcc-ensure-registered-redirect-uri", func(h *harness) {
		h.flow(h.Browser(), h.ask())
		h.errorPage(h.ask("redirect_uri", logintest.Callback+"?unregistered=1"))
		h.errorPage(h.ask("redirect_uri", "https://elsewhere.example/cb"))
	}},
	{"oidcc-ensure-post-request-succeeds", func(h *harness) {
		b := h.Browser()
		at := b.Send(logintest.Realm+"/authorize", logintest.Pairs(h.ask())...)
		at = b.Get(at).Header.Get("Location")
		h.checkAuthorized(h.ask(), h.prove(b, at))
	}},
	{"oidcc-server-client-secret-post", func(h *harness) { h.flowWithSecret("") }},
	{"oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported", func(h *harness) {
		q := h.ask("request", logintest.Unsigned(map[string]any{"scope": "openid"}))
		if h.formPost { // it may stand inside alone
			q = h.ask("request", logintest.Unsigned(map[string]any{"scope": "openid", "response_mode": "form_post"}))
			q.Del("response_mode")
		}
		e := h.refused(h.Browser(), q)
		if e != "request_not_supported" {
			h.Errorf("error %s", e)
		}
	}},
	{"oidcc-claims-essential", func(h *harness) {
		f := h.flow(h.Browser(), h.ask("scope", "openid", "claims", `{"userinfo":{"name":{"essential":true}}}`))
		h.gives(f, []string{"name"}, []string{"given_name", "email"})
	}},
	{"oidcc-ensure-request-object-with-redirect-uri", func(h *harness) {
		object := logintest.Unsigned(map[string]any{"redirect_uri": logintest.Callback, "client_id": logintest.ClientID,
			"scope":         "openid",
			"response_type": "code"})
		if e := h.refused(h.Browser(), h.ask("request", object)); e != "request_not_supported" {
			h.Errorf("error %s", e)
		}
	}},
	{"oidcc-refresh-token", func(h *harness) {
		f := h.flow(h.Browser(), h.ask())
		if f.tokens.RefreshToken != "" ||
			strings.Contains(strings.Join(logintest.List(h.metadata()["grant_types_supported"]), " "), "refresh") {
			h.Error("a refresh token was given, or is offered")
		}
		a := h.Redeem("", "grant_type", "refresh_token", "refresh_token", random.Secret())
		if a.Error != "unsupported_grant_type" {
			h.Errorf("a refresh: %+v", a)
		}
	}},
	{"oidcc-ensure-request-with-valid-pkce-succeeds", func(h *harness) {
		h.flow(h.Browser(), h.ask("code_challenge", logintest.ChallengeOf(logintest.Verifier), "code_challenge_method",
			"S256"))
	}},
}

// gives checks that userinfo has some claims and has not others.
func (h *harness) gives(f flow, has, hasNot []string) {
	h.Helper()
	for _, name := range has {
		if f.info[name] == nil {
			h.Errorf("userinfo has no %s: %v", name, f.info)
		}
	}
	for _, name := range hasNot {
		if f.info[name] != nil {
			h.Errorf("userinfo has %s, which was not asked for", name)
		}
	}
}

// scopeNotOffered checks a standard scope for which care identities have no claims: discovery does not list it, and a
// request for it is refused.
func (h *harness) scopeNotOffered(scope string) {
	h.Helper()
	h.flow(h.Browser(), h.ask("scope", "openid"))
	for _, offered := range logintest.List(h.metadata()["scopes_supported"]) {
		if offered == scope {
			h.Errorf("%s is offered", scope)
		}
	}
	if e := h.refused(h.Browser(), h.ask("scope", "openid "+scope)); e != "invalid_scope" {
		h.Errorf("error %s", e)
	}
}

// asksAgain checks that a request leads to a page and not back to the service.
func (h *harness) asksAgain(b *logintest.Browser, q url.Values) {
	h.Helper()
	if at := b.Get(logintest.Realm + "/authorize?" +
		q.Encode()).Header.Get("Location"); !strings.HasPrefix(at, "/sign-in/") {
		h.Errorf("the person was not asked again: %s", at)
	}
}

// silentFlow is a flow that must not ask the person anything.
func (h *harness) silentFlow(b *logintest.Browser, q url.Values) flow {
	h.Helper()
	if at := b.Get(logintest.Realm + "/authorize?" +
		q.Encode()).Header.Get("Location"); strings.HasPrefix(at, "/sign-in/") {
		h.Fatal("the person was asked again")
	}
	return h.flow(b, q)
}

func (h *harness) same(first, again flow) {
	h.Helper()
	for _, name := range []string{"sub", "auth_time"} {
		if first.id[name] != again.id[name] {
			h.Errorf("%s was %v and is %v", name, first.id[name], again.id[name])
		}
	}
}

func (h *harness) reuse(after time.Duration) {
	h.Helper()
	f := h.flow(h.Browser(), h.ask())
	h.Clock.Advance(after)
	if again := h.Redeem(f.code); again.Status != 400 || again.Error != "invalid_grant" {
		h.Errorf("the code again: %+v", again)
	}
	if status, _ := h.UserInfo(f.tokens.AccessToken); status != 401 {
		h.Errorf("the first access token still works: %d", status)
	}
}

// flowWithSecret is a whole flow of the client that has a secret, sent in the form or, if header is
// basic, in the header.
func (h *harness) flowWithSecret(header string) {
	h.Helper()
	q := h.ask("client_id", logintest.OtherID, "redirect_uri", "http://localhost:3000/cb", "scope", "openid profile")
	b := h.Browser()
	at := b.Begin(q)
	r := h.prove(b, at)
	form := logintest.Values("grant_type", "authorization_code", "code", r.params.Get("code"),
		"redirect_uri", "http://localhost:3000/cb", "code_verifier", logintest.Verifier)
	if header == "" {
		form.Set("client_id", logintest.OtherID)
		form.Set("client_secret", logintest.Secret)
	}
	res := h.CallWith(logintest.Realm+"/access_token", header, form)
	var a logintest.Answer
	worldtest.Check(h, json.Unmarshal([]byte(logintest.Text(res)), &a))
	if res.StatusCode != 200 || a.IDToken == "" {
		h.Errorf("tokens with a secret: %d %+v", res.StatusCode, a)
	}
}

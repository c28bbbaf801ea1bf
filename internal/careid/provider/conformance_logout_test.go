package provider_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/worldtest"
)

const signedOut = "https://dos.example.nhs.uk/signed-out"

func TestConformanceConfigOP(t *testing.T) { runPlan(t, "Config OP", false, configModules) }

func TestConformanceRPInitiatedLogoutOP(t *testing.T) {
	runPlan(t, "RP-Initiated Logout OP", false, logoutModules)
}

func TestConformanceBackChannelLogoutOP(t *testing.T) {
	runPlan(t, "Back-Channel Logout OP", false, backchannelModules)
}

var configModules = []module{{"oidcc-discovery-endpoint-verification", func(h *harness) {
	m := h.metadata()
	if m["issuer"] != logintest.Issuer {
		h.Errorf("issuer %v", m["issuer"])
	}
	for _, name := range []string{"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri",
		"end_session_endpoint",
		"pushed_authorization_request_endpoint", "introspection_endpoint", "revocation_endpoint"} {
		if at, _ := m[name].(string); !strings.HasPrefix(at, logintest.Issuer+"/") {
			h.Errorf("%s is %v", name, m[name])
		}
	}
	for name, member := range map[string]string{
		"response_types_supported": "code", "subject_types_supported": "public", "id_token_signing_alg_values_supported": "RS256",
		"grant_types_supported": "authorization_code", "scopes_supported": "openid", "claims_supported": "sub", "code_challenge_methods_supported": "S256",
		"ui_locales_supported": "en-GB", "response_modes_supported": "form_post", "acr_values_supported": "AAL3_ANY",
	} {
		if !strings.Contains(" "+strings.Join(logintest.List(m[name]), " ")+" ", " "+member+" ") {
			h.Errorf("%s is %v, without %s", name, m[name], member)
		}
	}
	// Each endpoint that accepts signed assertions names their algorithms (RFC 8414 §2).
	for _, endpoint := range []string{"token", "introspection", "revocation"} {
		methods := logintest.List(m[endpoint+"_endpoint_auth_methods_supported"])
		algorithms := logintest.List(m[endpoint+"_endpoint_auth_signing_alg_values_supported"])
		if !slices.Contains(methods, "private_key_jwt") || !slices.Contains(algorithms, "RS256") {
			h.Errorf("the %s endpoint accepts %q signed with %q", endpoint, methods, algorithms)
		}
	}
	for _, absent := range []string{"registration_endpoint", "device_authorization_endpoint", "check_session_iframe",
		"dpop_signing_alg_values_supported",
		"tls_client_certificate_bound_access_tokens", "frontchannel_logout_supported"} {
		if m[absent] != nil {
			h.Errorf("%s is named and not there", absent)
		}
	}
	h.checkKeys()
	h.flow(h.Browser(), h.ask())
}}}

var logoutModules = []module{
	{"oidcc-rp-initiated-logout-discovery-endpoint-verification", func(h *harness) {
		if h.metadata()["end_session_endpoint"] != logintest.Issuer+"/connect/endSession" {
			h.Error("no end_session_endpoint")
		}
	}},
	{"oidcc-rp-initiated-logout", func(h *harness) {
		if to := h.logsOut("post_logout_redirect_uri", signedOut, "state", "s-9"); to != signedOut+"?state=s-9" {
			h.Errorf("went to %s", to)
		}
	}},
	{"oidcc-rp-initiated-logout-bad-post-logout-redirect-uri", func(h *harness) { h.logsOutAsked("post_logout_redirect_uri", "https://elsewhere.example/") }},
	{"oidcc-rp-initiated-logout-modified-id-token-hint", func(h *harness) {
		h.logsOutAsked("post_logout_redirect_uri", signedOut, "id_token_hint",
			logintest.Unsigned(map[string]any{"iss": logintest.Issuer, "aud": logintest.ClientID, "sub": h.UUID}))
	}},
	{"oidcc-rp-initiated-logout-no-id-token-hint", func(h *harness) { h.logsOutAsked("post_logout_redirect_uri", signedOut, "id_token_hint", "-") }},
	{"oidcc-rp-initiated-logout-no-params", func(h *harness) { h.logsOutHere("id_token_hint", "-") }},
	{"oidcc-rp-initiated-logout-no-post-logout-redirect-uri", func(h *harness) { h.logsOutHere("state", "s-9") }},
	{"oidcc-rp-initiated-logout-no-state", func(h *harness) {
		if to := h.logsOut("post_logout_redirect_uri", signedOut); to != signedOut {
			h.Errorf("went to %s", to)
		}
	}},
	{"oidcc-rp-initiated-logout-only-state", func(h *harness) { h.logsOutHere("id_token_hint", "-", "state", "s-9") }},
	{"oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri", func(h *harness) { h.logsOutAsked("post_logout_redirect_uri", signedOut+"?a=b") }},
	{"oidcc-rp-initiated-logout-bad-id-token-hint", func(h *harness) {
		forged := worldtest.Must(jwt.Sign(logintest.TestKey(jwt.RS256), "JWT",
			map[string]any{"iss": logintest.Issuer, "aud": logintest.ClientID, "sub": h.UUID}))(h)
		h.logsOutAsked("post_logout_redirect_uri", signedOut, "id_token_hint", forged)
	}},
}

var backchannelModules = []module{
	{"oidcc-backchannel-logout-discovery-endpoint-verification", func(h *harness) {
		m := h.metadata()
		if m["backchannel_logout_supported"] != true || m["backchannel_logout_session_supported"] != true ||
			m["end_session_endpoint"] == nil {
			h.Errorf("metadata %v", m)
		}
	}},
	{"oidcc-backchannel-rp-initiated-logout", func(h *harness) {
		b := h.Browser()
		f := h.flow(b, h.ask())
		to := h.endSession(b, logintest.Values("id_token_hint", f.tokens.IDToken, "post_logout_redirect_uri",
			signedOut))
		if to != signedOut {
			h.Errorf("went to %s", to)
		}
		jobtest.Settle(h, h.Jobs)
		if len(h.BackChannel.Tokens) != 1 {
			h.Fatalf("%d logout tokens", len(h.BackChannel.Tokens))
		}
		published := logintest.Text(h.Browser().Get(logintest.Realm + "/connect/jwk_uri"))
		set := worldtest.Must(jwt.ParseSet([]byte(published)))(h)
		token := worldtest.Must(jwt.Verify(h.Context(), <-h.BackChannel.Tokens, set,
			jwt.Expect{Algorithms: []jwt.Algorithm{jwt.RS256}, Types: []string{"logout+jwt"}}))(h)
		var claims map[string]any
		worldtest.Check(h, token.Decode(&claims))
		events, _ := claims["events"].(map[string]any)
		if claims["sid"] != f.id["sid"] || claims["sub"] != f.id["sub"] || claims["iss"] != logintest.Issuer ||
			claims["aud"] != logintest.ClientID || claims["nonce"] != nil || claims["jti"] == nil ||
			claims["iat"] == nil ||
			events[jwt.LogoutEvent] == nil {
			h.Errorf("logout token %v", claims)
		}
		if e := h.refused(b, h.ask("prompt", "none")); e != "login_required" {
			h.Errorf("prompt none afterwards: %s", e)
		}
	}},
}

// endSession goes through a sign-out, with its confirmation where the person is asked, and says where it ended.
func (h *harness) endSession(b *logintest.Browser, q url.Values) string {
	h.Helper()
	res := b.Get(logintest.Realm + "/connect/endSession?" + q.Encode())
	at := res.Header.Get("Location")
	if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(at, "/sign-out/") {
		h.Fatalf("end session: %d %s %s", res.StatusCode, at, logintest.Heading(res))
	}
	if to := b.Get(at).Header.Get("Location"); to != "" {
		return to
	}
	return b.Send(at)
}

// hinted is a sign-out request with the ID token of a flow, with changes.
func (h *harness) hinted(f flow, changes []string) url.Values {
	q := logintest.Values("id_token_hint", f.tokens.IDToken)
	for i := 0; i+1 < len(changes); i += 2 {
		q.Set(changes[i], changes[i+1])
		if changes[i+1] == "-" {
			q.Del(changes[i])
		}
	}
	return q
}

// logsOut checks that a sign-out ends the sign-in, and says where it ended.
func (h *harness) logsOut(changes ...string) string {
	h.Helper()
	b := h.Browser()
	to := h.endSession(b, h.hinted(h.flow(b, h.ask()), changes))
	if e := h.refused(b, h.ask("prompt", "none")); e != "login_required" {
		h.Errorf("prompt none afterwards: %s", e)
	}
	return to
}

// logsOutHere is logsOut on to a page of the provider's own.
func (h *harness) logsOutHere(changes ...string) {
	h.Helper()
	if to := h.logsOut(changes...); !strings.HasPrefix(to, "/") {
		h.Errorf("went to %s", to)
	}
}

// logsOutAsked checks that the person is asked, may stay signed in, and otherwise ends on a page of the provider's own.
func (h *harness) logsOutAsked(changes ...string) {
	h.Helper()
	b := h.Browser()
	f := h.flow(b, h.ask())
	at := b.Get(logintest.Realm + "/connect/endSession?" + h.hinted(f, changes).Encode()).Header.Get("Location")
	if page := b.Get(at); page.StatusCode != http.StatusOK || page.Header.Get("Location") != "" {
		h.Errorf("the person is not asked: %d %s", page.StatusCode, page.Header.Get("Location"))
	}
	h.same(f, h.silentFlow(b, h.ask("prompt", "none")))
	if to := b.Send(at); to != "/signed-out" {
		h.Errorf("went to %s", to)
	}
}

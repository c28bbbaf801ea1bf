package provider_test

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/provider/client"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/worldtest"
)

// alter changes the settings of the first client.
func (w *world) alter(change func(c *client.Client)) {
	w.Helper()
	w.ByDesk(func(dw *db.W) error {
		c, err := client.ByID(w.Context(), dw, logintest.ClientID)
		if err != nil {
			return err
		}
		change(&c)
		return client.Register(w.Context(), dw, w.Box, c, "")
	})
}

// proved is the form by which the first client proves itself, with more.
func (w *world) proved(pairs ...string) url.Values {
	form := logintest.Values(pairs...)
	form.Set("client_assertion_type", jwt.AssertionType)
	form.Set("client_assertion", w.Assertion())
	return form
}

func TestIntrospectionAndRevocation(t *testing.T) {
	w, key := withKey(t)
	introspect := func(form url.Values) map[string]any {
		res := w.Call(logintest.Realm+"/introspect", form)
		var body map[string]any
		worldtest.Check(t, json.Unmarshal([]byte(logintest.Text(res)), &body))
		return body
	}
	live := w.Redeem(w.Browser().SignIn(logintest.Request(), key).Query().Get("code")).AccessToken
	want := map[string]any{
		"active": true, "client_id": logintest.ClientID, "sub": w.UUID, "token_type": "Bearer", "iss": logintest.Issuer, "aud": logintest.ClientID, "acr": "AAL2_OR_AAL3_ANY",
		"authentication_assurance_level": "3", "iat": float64(logintest.Nine.Unix()), "exp": float64(logintest.Nine.Unix() + 3600), "auth_time": float64(logintest.Nine.Unix()),
		"scope": "openid profile email nhsperson nationalrbacaccess associatedorgs",
	}
	body := introspect(w.proved("token", live))
	if sid, _ := body["sid"].(string); sid == "" {
		t.Errorf("no sid: %v", body)
	}
	delete(body, "sid")
	if diff := cmp.Diff(want, body); diff != "" {
		t.Errorf("introspection (-want +got):\n%s", diff)
	}
	active := func(form url.Values) bool { return introspect(form)["active"] == true }
	other := logintest.Values("client_id", logintest.OtherID, "client_secret", logintest.Secret, "token", live)
	tally(t, "introspection", func() bool { return active(w.proved("token", live)) }, map[string]func() bool{
		"of another client's token": func() bool { return active(other) },
		"of no token":               func() bool { return active(w.proved("token", "")) },
		"of a made-up token":        func() bool { return active(w.proved("token", "x")) },
		"without proof":             func() bool { return active(logintest.Values("token", live, "client_id", logintest.ClientID)) },
	})
	revoke := func(form url.Values) int { return w.Call(logintest.Realm+"/token/revoke", form).StatusCode }
	alive := func() bool { status, _ := w.UserInfo(live); return status == 200 }
	if got := revoke(other); got != 200 || !alive() {
		t.Errorf("another client's revocation: %d, alive %v", got, alive())
	}
	if got := revoke(logintest.Values("token", live, "client_id", logintest.ClientID)); got != 401 || !alive() {
		t.Errorf("without proof: %d, alive %v", got, alive())
	}
	if got := revoke(w.proved("token", live, "token_type_hint", "refresh_token")); got != 200 || alive() {
		t.Errorf("honest revocation: %d, alive %v", got, alive())
	}
	if got := revoke(w.proved("token", live)); got != 200 {
		t.Errorf("revoking again: %d", got)
	}
}

func TestClientSecretBasic(t *testing.T) {
	w, key := withKey(t)
	awkward := "s p:é+c%r&t and more"
	w.ByDesk(func(dw *db.W) error {
		c, err := client.ByID(t.Context(), dw, logintest.OtherID)
		if err != nil {
			return err
		}
		c.AuthMethod = client.ClientSecretBasic
		return client.Register(t.Context(), dw, w.Box, c, awkward)
	})
	header := func(id, secret string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(url.QueryEscape(id)+":"+url.QueryEscape(secret)))
	}
	h := &harness{world: w, device: key}
	h.flowWithSecret(header(logintest.OtherID, awkward))
	status := func(authorization string, more ...string) func() bool {
		return func() bool {
			res := w.CallWith(logintest.Realm+"/introspect", authorization,
				logintest.Values(append([]string{"token", "x"}, more...)...))
			if authorization != "" && res.StatusCode == 401 &&
				!strings.HasPrefix(res.Header.Get("WWW-Authenticate"), "Basic ") {
				t.Error("401 without a challenge")
			}
			return res.StatusCode == 200
		}
	}
	tally(t, "client_secret_basic", status(header(logintest.OtherID, awkward)), map[string]func() bool{
		"wrong secret":                   status(header(logintest.OtherID, logintest.Secret)),
		"not encoded":                    status("Basic " + base64.StdEncoding.EncodeToString([]byte(logintest.OtherID+":"+awkward))),
		"another client":                 status(header(logintest.ClientID, awkward)),
		"header and form":                status(header(logintest.OtherID, awkward), "client_secret", awkward),
		"header names one, form another": status(header(logintest.OtherID, awkward), "client_id", logintest.ClientID),
		"in the form, though for basic":  status("", "client_id", logintest.OtherID, "client_secret", awkward),
		"bearer":                         status("Bearer x"),
		"no colon":                       status("Basic " + base64.StdEncoding.EncodeToString([]byte(logintest.OtherID))),
		"not base64":                     status("Basic !!"),
	})
}

func TestOnlyThePersonWhoWasAskedFor(t *testing.T) {
	w, key := withKey(t)
	h := &harness{world: w, device: key}
	mine := `{"id_token":{"sub":{"value":"` + w.UUID + `"}}}`
	theirs := `{"id_token":{"sub":{"value":"999999999999"}}}`
	b := w.Browser()
	first := h.flow(b, logintest.Request("claims", mine))
	if e := h.refused(b, logintest.Request("claims", theirs, "prompt", "none")); e != "login_required" {
		t.Errorf("somebody else, silently: %q", e)
	}
	at := b.Begin(logintest.Request("claims", theirs))
	b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	b.Send(at+"/key", "answer", b.Touch(at, key))
	if page := logintest.Text(b.Get(at)); !strings.Contains(page, "You logged in as somebody else") {
		t.Errorf("somebody else, with a page: %s", page)
	}
	forged := worldtest.Must(jwt.Sign(logintest.TestKey(jwt.RS256), "JWT",
		map[string]any{"iss": logintest.Issuer, "aud": logintest.ClientID, "sub": w.UUID}))(t)
	for name, hint := range map[string]string{
		"forged":          forged,
		"unsigned":        logintest.Unsigned(map[string]any{"iss": logintest.Issuer, "aud": logintest.ClientID, "sub": w.UUID}),
		"no token":        "x",
		"an access token": first.tokens.AccessToken,
	} {
		if e := h.refused(b, logintest.Request("prompt", "none", "id_token_hint", hint)); e != "invalid_request" {
			t.Errorf("hint %s: %q", name, e)
		}
	}
	e := h.refused(b, logintest.Request("prompt", "none", "id_token_hint", first.tokens.IDToken, "claims", theirs))
	if e != "invalid_request" {
		t.Errorf("hint and claims of two people: %q", e)
	}
}

// A client that is registered for some classes gets no other.
func TestAllowedClasses(t *testing.T) {
	w, key := withKey(t)
	h := &harness{world: w, device: key}
	w.alter(func(c *client.Client) { c.AllowedACR = []string{"AAL3_ANY", "AAL3_FIDO2"} })
	for requested, want := range map[string]string{
		"-":                   "AAL3_ANY",
		"AAL3_FIDO2":          "AAL3_FIDO2",
		"AAL2_ANY AAL3_FIDO2": "AAL3_FIDO2",
	} {
		q := logintest.Request("acr_values", requested)
		res := h.prove2(w.Browser(), q)
		if got := w.IDClaims(w.Redeem(res.params.Get("code")).IDToken)["acr"]; got != want {
			t.Errorf("asked %s: acr %v, want %s", requested, got, want)
		}
	}
	if e := h.refused(w.Browser(), logintest.Request("acr_values", "AAL2_ANY")); e != "invalid_request" {
		t.Errorf("a class it may not ask for: %q", e)
	}
}

// prove2 begins a sign-in and proves the key, without the checks of a module.
func (h *harness) prove2(b *logintest.Browser, q url.Values) response {
	h.Helper()
	return h.prove(b, b.Begin(q))
}

func TestRoleThatWasAskedFor(t *testing.T) {
	w, key := withKey(t)
	w.Position("S8000:G8000:R8000")
	roles := w.Roles()
	ask := func(role string) url.Values {
		return logintest.Request("scope", "openid selectedrole",
			"claims", `{"id_token":{"selected_roleid":{"value":"`+role+`"}}}`)
	}
	to := w.Browser().SignIn(ask(roles[1]), key).String()
	if got := w.IDClaims(w.Redeem(logintest.CodeOf(t, to)).IDToken)["selected_roleid"]; got != roles[1] {
		t.Errorf("role %v, want %s", got, roles[1])
	}
	to = w.Browser().SignIn(ask("555000000099"), key).String()
	countRow(!strings.HasPrefix(to, "/sign-in/"), "O28")
	if !strings.HasPrefix(to, "/sign-in/") {
		t.Errorf("O28: another's role led to %s instead of the person's own choice", to)
	}
}

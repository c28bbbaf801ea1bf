package provider_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"signpost/internal/careid/access"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/identity"
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

// push pushes a request and gives its request_uri, or the error.
func (w *world) push(q url.Values) (uri, errorCode string) {
	w.Helper()
	for name, value := range w.proved() {
		q[name] = value
	}
	res := w.Call(logintest.Realm+"/par", q)
	var body struct {
		RequestURI string `json:"request_uri"`
		ExpiresIn  int    `json:"expires_in"`
		Error      string
	}
	worldtest.Check(w, json.Unmarshal([]byte(logintest.Text(res)), &body))
	if res.StatusCode == http.StatusCreated && body.ExpiresIn != 90 {
		w.Errorf("expires_in %d", body.ExpiresIn)
	}
	return body.RequestURI, body.Error
}

func pushedQuery(uri string, pairs ...string) url.Values {
	q := logintest.Values("client_id", logintest.ClientID, "request_uri", uri)
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return q
}

func TestPushedRequests(t *testing.T) {
	w, key := withKey(t)
	begins := func(q url.Values) bool {
		return strings.HasPrefix(w.Browser().Get(logintest.Realm+"/authorize?"+q.Encode()).Header.Get("Location"),
			"/sign-in/")
	}
	pushed := func(pairs ...string) string {
		uri, errorCode := w.push(logintest.Request(pairs...))
		if errorCode != "" {
			t.Fatalf("pushing: %s", errorCode)
		}
		return uri
	}
	honest := func() bool {
		// Parameters beside the request_uri are ignored (RFC 9126 §4).
		to := w.Browser().SignIn(pushedQuery(pushed(), "scope", "openid", "state", "another",
			"redirect_uri", "https://evil.example"), key)
		a := w.Redeem(to.Query().Get("code"))
		return to.Query().Get("state") == "st-1" && a.Status == 200 && strings.Contains(a.Scope, "nationalrbacaccess")
	}
	refused := func(q url.Values) func() bool {
		return func() bool {
			uri, errorCode := w.push(q)
			return errorCode == "" || uri != ""
		}
	}
	used := pushed()
	late := w.Browser()
	at := late.Begin(pushedQuery(used)) // looked at, which uses nothing up
	if code := w.Browser().SignIn(pushedQuery(used), key).Query().Get("code"); code == "" {
		t.Fatal("a pushed request was refused")
	}
	late.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	if signedIn(late.Do("POST", at+"/key", logintest.Values("answer", late.Touch(at, key)))) {
		t.Error("two sign-ins were granted for one pushed request")
	}
	others := pushed()
	if begins(pushedQuery(others, "client_id", logintest.OtherID)) {
		t.Error("another client's request was taken")
	}
	if code := w.Browser().SignIn(pushedQuery(others), key).Query().Get("code"); code == "" {
		t.Error("another client used a pushed request up")
	}
	tally(t, "pushed requests", honest, map[string]func() bool{
		"used twice":          func() bool { return begins(pushedQuery(used)) },
		"by another client":   func() bool { return begins(pushedQuery(pushed(), "client_id", logintest.OtherID)) },
		"without client_id":   func() bool { q := pushedQuery(pushed()); q.Del("client_id"); return begins(q) },
		"after 90 seconds":    func() bool { uri := pushed(); w.Clock.Advance(90 * time.Second); return begins(pushedQuery(uri)) },
		"with another secret": func() bool { return begins(pushedQuery(pushed() + "x")) },
		"never pushed":        func() bool { return begins(pushedQuery("urn:ietf:params:oauth:request_uri:a.b")) },
		"with a request_uri":  refused(logintest.Request("request_uri", used)),
		"redirect elsewhere":  refused(logintest.Request("redirect_uri", "https://evil.example")),
		"unknown scope":       refused(logintest.Request("scope", "openid everything")),
		"plain PKCE":          refused(logintest.Request("code_challenge_method", "plain")),
		"without proof": func() bool {
			return w.Call(logintest.Realm+"/par", logintest.Request()).StatusCode == http.StatusCreated
		},
		"a second client_id": func() bool {
			q := logintest.Request()
			q.Add("client_id", logintest.OtherID)
			_, errorCode := w.push(q)
			return errorCode == ""
		},
	})
	w.alter(func(c *client.Client) { c.RequirePAR = true })
	tally(t, "a client that must push", honest,
		map[string]func() bool{"not pushed": func() bool { return begins(logintest.Request()) }})
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

func TestSignedUserInfo(t *testing.T) {
	w, key := withKey(t)
	w.alter(func(c *client.Client) { c.UserInfoAlgorithm = jwt.RS256 })
	got := w.Redeem(w.Browser().SignIn(logintest.Request(), key).Query().Get("code"))
	res := w.BrowserWith("Bearer " + got.AccessToken).Get(logintest.Realm + "/userinfo")
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "application/jwt" {
		t.Fatalf("%d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	claims := w.IDClaims(logintest.Text(res))
	if claims["iss"] != logintest.Issuer || claims["aud"] != logintest.ClientID || claims["sub"] != w.UUID ||
		claims["email"] != "Ada@example.nhs.uk" || claims["exp"] != nil {
		t.Errorf("claims %v", claims)
	}
}

// A suspended client learns nothing more, not even by a token that it had before.
func TestUserInfoOfASuspendedClient(t *testing.T) {
	w, key := withKey(t)
	got := w.Redeem(w.Browser().SignIn(logintest.Request(), key).Query().Get("code"))
	ask := func() int {
		return w.BrowserWith("Bearer " + got.AccessToken).Get(logintest.Realm + "/userinfo").StatusCode
	}
	if status := ask(); status != 200 {
		t.Fatalf("before: %d", status)
	}
	w.move(client.Suspend)
	if status := ask(); status != 401 {
		t.Errorf("after: %d", status)
	}
}

// Claims that are asked for one by one, and about whom (O28).
func TestClaimsParameter(t *testing.T) {
	w, key := withKey(t)
	h := &harness{world: w, device: key}
	ask := func(claims string) url.Values { return logintest.Request("scope", "openid", "claims", claims) }
	f := h.flow(w.Browser(), ask(`{
		"userinfo":{"email":null,"nhsid_nrbac_roles":{"essential":true},"shoe_size":null},
		"id_token":{"name":null,"auth_time":{"essential":true}}
	}`))
	if f.info["email"] == nil || f.info["nhsid_nrbac_roles"] == nil || f.info["given_name"] != nil ||
		f.info["shoe_size"] != nil {
		t.Errorf("userinfo %v", f.info)
	}
	if f.id["name"] != "Ada Example" || f.id["email"] != nil || f.id["sub"] != w.UUID {
		t.Errorf("ID token %v", f.id)
	}
	essential := `{"id_token":{"acr":{"essential":true,"values":["AAL2_OR_AAL3_ANY"]}}}`
	f = h.flow(w.Browser(), logintest.Request("acr_values", "-", "claims", essential))
	if f.id["acr"] != "AAL2_OR_AAL3_ANY" {
		t.Errorf("acr %v", f.id["acr"])
	}
	for name, claims := range map[string]string{
		"not JSON": "name", "a list": "[]", "a member twice": `{"userinfo":{},"userinfo":{"email":null}}`, "two subjects": `{"id_token":{"sub":{"values":["1","2"]}}}`,
		"subject a number": `{"id_token":{"sub":{"value":5}}}`, "two places, two subjects": `{"id_token":{"sub":{"value":"1"}},"userinfo":{"sub":{"value":"2"}}}`,
	} {
		if e := h.refused(w.Browser(), ask(claims)); e != "invalid_request" {
			t.Errorf("%s: %q", name, e)
		}
	}
	unknown := ask(`{"id_token":{"acr":{"essential":true,"values":["AAL9_ANY"]}}}`)
	if e := h.refused(w.Browser(), unknown); e != "unmet_authentication_requirements" {
		t.Errorf("an essential class that is not offered: %q", e)
	}
	claimsGiven := func() bool {
		f := h.flow(w.Browser(), ask(`{"userinfo":{"email":null},"id_token":{"name":null}}`))
		return f.info["email"] != nil || f.id["name"] != nil
	}
	if !claimsGiven() {
		t.Fatal("claims of scopes that the client is registered for were not given")
	}
	w.alter(func(c *client.Client) { c.Scopes = []string{"openid"} })
	got := claimsGiven()
	countRow(got, "O28")
	if got {
		t.Error("O28: claims of scopes that the client is not registered for were given")
	}
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

// The claims of C6 from rows: registrations, memberships, workgroups and areas of work.
func TestClaimsOfEveryScope(t *testing.T) {
	w, key := withKey(t)
	w.ByDesk(func(dw *db.W) error {
		for _, body := range identity.Bodies {
			if err := identity.Register(t.Context(), dw, w.UUID, body, strings.ToUpper(body)+"1"); err != nil {
				return err
			}
		}
		id, err := access.AddPosition(t.Context(), dw, access.Position{
			Organisation: "FXX01", Name: "Nurse", RoleCode: "S8000:G8000:R8001", Activities: []string{"B0560"},
			Workgroups: []access.Coded{{Code: "500000000041", Name: "Example group"}},
			AreasOfWork: []access.Coded{{Code: "P0010:Q0050:T0210",
				Name: `"Medicine":"Respiratory Medicine":"Respiratory Medicine"`}},
		})
		if err != nil {
			return err
		}
		return access.Assign(t.Context(), dw,
			access.Grant{UUID: w.UUID, Position: id, Organisation: "FXX01", Starts: dw.Now(), Number: identity.Number})
	})
	h := &harness{world: w, device: key}
	f := h.flow(w.Browser(),
		logintest.Request("scope", "openid professionalmemberships organisationalmemberships nationalrbacaccess"))
	for _, name := range []string{"gmc_id", "nmc_id", "gphc_id", "gdc_id", "gdp_id", "gmp_id", "rcn_id",
		"consultant_id"} {
		if want := strings.ToUpper(strings.TrimSuffix(name, "_id")) + "1"; f.info[name] != want {
			t.Errorf("%s is %v, want %s", name, f.info[name], want)
		}
	}
	roles, _ := f.info["nhsid_nrbac_roles"].([]any)
	if len(roles) != 2 {
		t.Fatalf("roles %v", roles)
	}
	nurse, _ := roles[1].(map[string]any)
	for name, want := range map[string][]any{
		"workgroups": {"Example group"}, "workgroups_codes": {"500000000041"}, "aow_codes": {"P0010:Q0050:T0210"},
		"aow": {`"Medicine":"Respiratory Medicine":"Respiratory Medicine"`},
	} {
		if diff := cmp.Diff(want, nurse[name]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if first, _ := roles[0].(map[string]any); first["workgroups"] != nil || first["aow"] != nil {
		t.Errorf("empty lists are there: %v", first)
	}
	if members, _ := f.info["nhsid_org_memberships"].([]any); len(members) != 1 {
		t.Errorf("memberships %v", members)
	}
}

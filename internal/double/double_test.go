package double_test

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"signpost/internal/double"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/worldtest"
)

func ada() map[string]any { return map[string]any{"person": "ada"} }

// The program of docs/double.md: a relying party made of go-oidc and oauth2, signed in to without a browser.
func TestGoProgramSignsIn(t *testing.T) {
	w := open(t)
	tokens, err := w.tokens(ada())
	worldtest.Check(t, err)
	claims := w.claims(tokens)
	for name, want := range map[string]any{
		"sub": "500000000017", "nonce": "n-1", "acr": "AAL3_ANY", "authentication_assurance_level": "3", "id_assurance_level": "3",
	} {
		if claims[name] != want {
			t.Errorf("%s is %v, want %v", name, claims[name], want)
		}
	}
	info, err := w.userInfo(tokens)
	worldtest.Check(t, err)
	roles, _ := info["nhsid_nrbac_roles"].([]any)
	if info["email"] != "ada@example.invalid" || info["email_verified"] != true || len(roles) != 2 {
		t.Errorf("userinfo %v", info)
	}
}

// A script can take up the sign-in that a browser is in the middle of, by its page or its id.
func TestSignInOfABrowser(t *testing.T) {
	w := open(t)
	for _, by := range []string{"url", "flow"} {
		address, _ := w.request()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		worldtest.Check(t, err)
		res, err := http.DefaultTransport.RoundTrip(r)
		worldtest.Check(t, err)
		worldtest.Check(t, res.Body.Close())
		page := res.Header.Get("Location")
		request := ada()
		request[by] = map[string]string{"url": w.address + page, "flow": strings.TrimPrefix(page, "/sign-in/")}[by]
		location, _ := w.must("sign-in", request)["location"].(string)
		w.codeFrom(location)
		if status, got := w.control("sign-in", request); status != http.StatusGone || got["cure"] == "" {
			t.Errorf("by %s, a second time: %d %v", by, status, got)
		}
	}
}

func TestRoles(t *testing.T) {
	w := open(t)
	scope := []string{"scope", "openid nationalrbacaccess selectedrole"}
	people := w.roles("ada")
	for name, tt := range map[string]struct{ role, want string }{
		"by its job role":                  {"R8008", people[1]},
		"by its code":                      {"S8000:G8000:R8000", people[0]},
		"by its code and organisation":     {"S8001:G8002:R8008@Z99Z9", people[1]},
		"by its id":                        {people[0], people[0]},
		"by its job role and organisation": {"R8000@Z99Z9", people[0]},
	} {
		request := ada()
		request["role"] = tt.role
		tokens, err := w.tokens(request, scope...)
		worldtest.Check(t, err)
		if got := w.claims(tokens)["selected_roleid"]; got != tt.want {
			t.Errorf("%s: selected_roleid %v, want %s", name, got, tt.want)
		}
	}
	for _, role := range []string{"", "R9999", "R8008@X1"} {
		request := ada()
		address, _ := w.request(scope...)
		request["url"] = address
		request["role"] = role
		if status, got := w.control("sign-in", request); status != http.StatusConflict ||
			!strings.Contains(got["cure"].(string), "S8001:G8002:R8008@Z99Z9") {
			t.Errorf("role %q: %d %v", role, status, got)
		}
	}
}

// roles lists the role ids of somebody.
func (w *world) roles(id string) (list []string) {
	w.t.Helper()
	_, text := w.ask("people", nil)
	people := decode[[]struct {
		ID    string `json:"id"`
		Roles []struct {
			ID string `json:"role_id"`
		} `json:"roles"`
	}](w.t, text)
	for _, p := range people {
		for _, r := range p.Roles {
			if p.ID == id {
				list = append(list, r.ID)
			}
		}
	}
	return list
}

// What CIS2 refuses the double refuses, and says why; what no page here can prove a script can.
func TestKindsAndRefusals(t *testing.T) {
	w := open(t)
	for name, tt := range map[string]struct {
		person, kind, acr string
		want              string // an amr, or the reason of the refusal
	}{
		"security key":                    {"ada", "", "AAL3_ANY", "FIDO2"},
		"the first that will do":          {"ada", "", "AAL2_TOTP", "TOTP"},
		"smartcard":                       {"bo", "smartcard_hscn", "AAL3_N3_SMARTCARD", "N3_SMARTCARD"},
		"level too low":                   {"ada", "authenticator_app", "AAL3_ANY", "level-too-low"},
		"another method than was pinned":  {"bo", "", "AAL2_TOTP", "level-too-low"},
		"suspended":                       {"cy", "", "AAL2_ANY", "inactive"},
		"nobody":                          {"eve", "", "AAL3_ANY", "not_found"},
		"a kind that the person has none": {"ada", "ipad", "AAL3_ANY", "conflict"},
	} {
		address, _ := w.request("acr_values", tt.acr)
		status, got := w.control("sign-in", map[string]any{"url": address, "person": tt.person, "authenticator": tt.kind})
		if status != http.StatusOK {
			if got["error"] != tt.want || got["says"] == "" {
				t.Errorf("%s: %d %v", name, status, got)
			}
			continue
		}
		if tokens, err := w.tokens(map[string]any{"person": tt.person, "authenticator": tt.kind}, "acr_values", tt.acr); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if amr := w.claims(tokens)["amr"].([]any); amr[0] != tt.want {
			t.Errorf("%s: amr %v", name, amr)
		}
	}
	address, _ := w.request("acr_values", "AAL3_ANY")
	if _, got := w.control("sign-in", map[string]any{"url": address, "person": "ada", "authenticator": "authenticator_app"}); got["suitable"].([]any)[0] != "security_key" {
		t.Errorf("what would do is not said: %v", got)
	}
}

// Somebody breaks off; a request asks what is not there; both answers go to the relying party.
func TestErrorsThatTheServiceIsTold(t *testing.T) {
	w := open(t)
	for name, tt := range map[string]struct {
		parameters []string
		more       map[string]any
		want       string
	}{
		"broken off":        {nil, map[string]any{"cancel": true}, "access_denied"},
		"no session":        {[]string{"prompt", "none"}, nil, "login_required"},
		"scope not allowed": {[]string{"scope", "openid oidc"}, nil, "invalid_scope"},
	} {
		body := ada()
		body["url"], _ = w.request(tt.parameters...)
		for k, v := range tt.more {
			body[k] = v
		}
		location, _ := w.must("sign-in", body)["location"].(string)
		if u, err := url.Parse(location); err != nil || u.Query().Get("error") != tt.want ||
			u.Query().Get("state") != "s-1" {
			t.Errorf("%s: %s", name, location)
		}
	}
	for name, address := range map[string]string{
		"unregistered client": w.double.Issuer() + "/authorize?client_id=nobody", "another host": "http://elsewhere.example" + cis2.Realm + "/authorize", "another page": w.address + "/my-sessions",
	} {
		if status, got := w.control("sign-in", map[string]any{"person": "ada", "url": address}); status == http.StatusOK || got["cure"] == "" {
			t.Errorf("%s: %d %v", name, status, got)
		}
	}
}

// A browser of the script's own keeps its session: the second service needs no second proof.
func TestNamedBrowserKeepsItsSession(t *testing.T) {
	w := open(t)
	request := ada()
	request["browser"] = "ward"
	_, err := w.tokens(request)
	worldtest.Check(t, err)
	address, _ := w.request("prompt", "none")
	location, _ := w.must("sign-in", map[string]any{"url": address, "person": "ada", "browser": "ward"})["location"].(string)
	w.codeFrom(location)
	address, _ = w.request("prompt", "none")
	location, _ = w.must("sign-in", map[string]any{"url": address, "person": "ada", "browser": "another"})["location"].(string)
	if !strings.Contains(location, "error=login_required") {
		t.Errorf("another browser: %s", location)
	}
}

// get asks as a browser without cookies, and gives the status and where it is sent.
func (w *world) get(address string) (status int, location string) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, address, nil)
	worldtest.Check(w.t, err)
	res, err := http.DefaultTransport.RoundTrip(r)
	worldtest.Check(w.t, err)
	worldtest.Check(w.t, res.Body.Close())
	return res.StatusCode, res.Header.Get("Location")
}

// Tokens, codes and sessions follow the clock.
func TestClock(t *testing.T) {
	w := open(t)
	request := ada()
	request["browser"] = "ward"
	tokens, err := w.tokens(request)
	worldtest.Check(t, err)
	if _, err := w.userInfo(tokens); err != nil {
		t.Fatal(err)
	}
	address, verifier := w.request()
	location, _ := w.must("sign-in", map[string]any{"url": address, "person": "ada"})["location"].(string)
	w.must("clock", map[string]any{"advance": "61s"})
	if _, err := w.party().oauth.Exchange(t.Context(), w.codeFrom(location),
		oauth2.VerifierOption(verifier)); err == nil {
		t.Error("a code lasts longer than a minute")
	}
	w.must("clock", map[string]any{"advance": "1h"})
	if _, err := w.userInfo(tokens); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("an access token lasts longer than an hour: %v", err)
	}
	address, _ = w.request("prompt", "none")
	if got := w.must("sign-in", map[string]any{"url": address, "person": "ada", "browser": "ward"}); !strings.Contains(got["location"].(string), "login_required") {
		t.Errorf("a session outlasts its idle time: %v", got)
	}
	w.must("clock", map[string]any{"real": true})
	if _, err := w.userInfo(tokens); err != nil {
		t.Errorf("back in the present: %v", err)
	}
	got := w.must("clock", map[string]any{"set": "2030-01-02T03:04:05Z"})
	if now, err := time.Parse(time.RFC3339, got["now"].(string)); err != nil || now.Year() != 2030 {
		t.Errorf("set: %v", got)
	}
	for _, wrong := range []map[string]any{{}, {"advance": "soon"}, {"advance": "1h", "real": true}, {"back": "1h"}} {
		if status, got := w.control("clock", wrong); status != http.StatusUnprocessableEntity || got["cure"] == "" {
			t.Errorf("%v: %d %v", wrong, status, got)
		}
	}
}

// It answers to its own names only, and to no other origin's page.
func TestStrangersPagesAreRefused(t *testing.T) {
	w := open(t)
	ask := func(host, origin string) int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.address+"/double/auto",
			strings.NewReader("{}"))
		worldtest.Check(t, err)
		r.Host = host
		if origin != "" {
			r.Header.Set("Origin", origin)
			r.Header.Set("Sec-Fetch-Site", "cross-site")
		}
		status, _ := w.send(r)
		return status
	}
	for _, host := range []string{"localhost", "cis2.localhost:8090", "127.0.0.1:1", "[::1]:8090"} {
		if status := ask(host, ""); status != http.StatusOK {
			t.Errorf("%s: %d", host, status)
		}
	}
	if status := ask("rebound.example", ""); status != http.StatusMisdirectedRequest {
		t.Errorf("a name that leads here: %d", status)
	}
	if status := ask("localhost", "https://elsewhere.example"); status != http.StatusForbidden {
		t.Errorf("another origin's page: %d", status)
	}
	if status, got := w.control("frob", map[string]any{}); status != http.StatusNotFound || got["cure"] == "" {
		t.Errorf("no such control: %d %v", status, got)
	}
	if status, got := w.control("auto", map[string]any{"persona": "ada"}); status != http.StatusUnprocessableEntity || !strings.Contains(got["says"].(string), "persona") {
		t.Errorf("an unknown member: %d %v", status, got)
	}
}

// The trap of CIS2's issuer: it is reached without the port that its name has. A client that compares the
// two as texts must be told of both.
func TestIssuerNamesTheUsualPort(t *testing.T) {
	w := open(t, func(o *double.Options) { o.Address, o.Issuer = "http://localhost", "http://localhost:80"+cis2.Realm })
	here, err := url.Parse(w.address)
	worldtest.Check(t, err)
	dial := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, here.Host)
	}
	ctx := oidc.ClientContext(t.Context(), &http.Client{Transport: &http.Transport{DialContext: dial}})
	if _, err := oidc.NewProvider(ctx, "http://localhost"+cis2.Realm); err == nil ||
		!strings.Contains(err.Error(), "issuer") {
		t.Errorf("a client that leaves the port out is content: %v", err)
	}
	p, err := oidc.NewProvider(oidc.InsecureIssuerURLContext(ctx, "http://localhost:80"+cis2.Realm), "http://localhost"+
		cis2.Realm)
	worldtest.Check(t, err)
	if p.Endpoint().TokenURL != "http://localhost:80"+cis2.Realm+"/access_token" {
		t.Errorf("token endpoint %s", p.Endpoint().TokenURL)
	}
	got := w.must("sign-in", map[string]any{"person": "ada", "url": p.Endpoint().AuthURL + "?" + url.Values{
		"client_id": {"123456789012.apps.supplier"}, "redirect_uri": {"http://localhost:3000/callback"}, "response_type": {"code"}, "scope": {"openid"}, "state": {"s-1"},
	}.Encode()})
	if !strings.Contains(got["location"].(string), url.Values{"iss": {"http://localhost:80" + cis2.Realm}}.Encode()) {
		t.Errorf("the answer does not name the issuer: %v", got)
	}
}

// A folder is taken up again as it was, and only with the file that it was made from.
func TestFolderIsKept(t *testing.T) {
	folder := t.TempDir()
	one := example(t, "http://localhost:1/")
	in := func(o *double.Options) { o.Folder, o.File = folder, one }
	var uuid string
	t.Run("made", func(t *testing.T) {
		w := open(t, in)
		w.must("people/suspend", map[string]any{"person": "bo"})
		uuid = w.person("bo")["uuid"].(string)
	})
	t.Run("taken up", func(t *testing.T) {
		w := open(t, in)
		bo := w.person("bo")
		if bo["uuid"] != uuid || bo["status"] != "suspended" {
			t.Errorf("Bo is %v", bo)
		}
		_, err := w.tokens(ada())
		worldtest.Check(t, err)
	})
	t.Run("another file", func(t *testing.T) {
		o := double.Options{File: one, Address: "http://localhost:1", Issuer: "http://localhost:1" + cis2.Realm, Folder: folder, Log: discard}
		o.File.Digest = "another"
		if _, err := double.Open(t.Context(), o); err == nil || !strings.Contains(err.Error(), "changed") {
			t.Errorf("opened with another file: %v", err)
		}
	})
}

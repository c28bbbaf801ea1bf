package provider_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"math"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/worldtest"
)

// The harness walks the modules of the OpenID Foundation's plans for OpenID Providers, by their names,
// against the whole site. Every flow in it passes the checks that those plans make of every flow.
// docs/conformance.md lists the modules and their state.

// module is one of a plan.
type module struct {
	name string
	run  func(h *harness)
}

// harness is a provider under test with one person who has a security key.
type harness struct {
	*world
	device   *logintest.Device
	formPost bool
}

// runPlan runs a plan's modules one after another against one provider, as the Foundation's suite does.
func runPlan(t *testing.T, plan string, formPost bool, modules []module) {
	t.Helper()
	w, key := withKey(t)
	passed := 0
	for _, m := range modules {
		ok := t.Run(m.name, func(t *testing.T) {
			w.TB = t
			m.run(&harness{world: w, device: key, formPost: formPost})
		})
		w.TB = t
		state := "failed"
		if ok {
			state = "passed"
			passed++
		}
		worldtest.Table("conformance", fmt.Sprintf("%-22s %-82s %s", plan, m.name, state))
	}
	if len(modules) == 0 {
		t.Errorf("%s: no module was run", plan)
	}
	line := fmt.Sprintf("%s: %d of %d modules passed by our harness", plan, passed, len(modules))
	worldtest.Table("conformance", line)
}

// TestConformancePageListsEveryModule checks that docs/conformance.md lists the modules that are run.
func TestConformancePageListsEveryModule(t *testing.T) {
	page, err := os.ReadFile("../../../docs/conformance.md")
	if err != nil {
		t.Fatal(err)
	}
	var run []string
	for _, plan := range [][]module{basicModules, configModules, logoutModules, backchannelModules} {
		for _, m := range plan {
			run = append(run, m.name)
			if !strings.Contains(string(page), "| "+m.name+" | passed |") {
				t.Errorf("docs/conformance.md does not list %s as passed", m.name)
			}
		}
	}
	for _, m := range regexp.MustCompile(`\| (oidcc-[a-z0-9-]+) \| passed \|`).FindAllStringSubmatch(string(page), -1) {
		if !slices.Contains(run, m[1]) {
			t.Errorf("docs/conformance.md says %s passed, and it is not run", m[1])
		}
	}
}

// ask is an honest request in the harness's response mode, with changes.
func (h *harness) ask(pairs ...string) url.Values {
	q := logintest.Request(pairs...)
	if h.formPost {
		q.Set("response_mode", "form_post")
	}
	return q
}

// response is the answer of the authorisation endpoint to the service.
type response struct {
	to     string // where the browser was sent
	params url.Values
}

var (
	formTarget = regexp.MustCompile(`<form method="post" action="([^"]*)" data-onward`)
	formField  = regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`)
)

// response reads an answer in the mode that was asked for, or fails.
func (h *harness) response(res *http.Response) response {
	h.Helper()
	if !h.formPost {
		to := worldtest.Must(url.Parse(res.Header.Get("Location")))(h)
		if !to.IsAbs() {
			h.Fatalf("no answer to the service: %d %s %s", res.StatusCode, to, logintest.Heading(res))
		}
		r := response{params: to.Query()}
		to.RawQuery = ""
		r.to = to.String()
		return r
	}
	page := logintest.Text(res)
	target := formTarget.FindStringSubmatch(page)
	if res.StatusCode != http.StatusOK || target == nil || res.Header.Get("Location") != "" {
		h.Fatalf("no form for the service: %d %q", res.StatusCode, page)
	}
	r := response{to: html.UnescapeString(target[1]), params: url.Values{}}
	policy := res.Header.Get("Content-Security-Policy")
	if !strings.HasSuffix(policy, "form-action *") {
		h.Errorf("the browser may not post the form: %s", policy)
	}
	if strings.Contains(r.to, "code=") || strings.Contains(r.to, "error=") {
		h.Errorf("form_post put the answer into the address %s", r.to)
	}
	for _, f := range formField.FindAllStringSubmatch(page, -1) {
		r.params.Add(html.UnescapeString(f[1]), html.UnescapeString(f[2]))
	}
	return r
}

// prove signs in with the security key, where a sign-in has begun.
func (h *harness) prove(b *logintest.Browser, at string) response {
	h.Helper()
	b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	return h.response(b.Do("POST", at+"/key", logintest.Values("answer", b.Touch(at, h.device))))
}

// authorized signs in, with a proof where one is asked for, and checks the answer.
func (h *harness) authorized(b *logintest.Browser, q url.Values) response {
	h.Helper()
	res := b.Get(logintest.Realm + "/authorize?" + q.Encode())
	var r response
	if at := res.Header.Get("Location"); strings.HasPrefix(at, "/sign-in/") {
		r = h.prove(b, at)
	} else {
		r = h.response(res)
	}
	h.checkAuthorized(q, r)
	return r
}

func (h *harness) checkAuthorized(q url.Values, r response) {
	h.Helper()
	for name, all := range r.params {
		if len(all) != 1 {
			h.Errorf("the answer repeats %s", name)
		}
	}
	if r.to != logintest.Callback || r.params.Get("iss") != logintest.Issuer ||
		r.params.Get("state") != q.Get("state") ||
		r.params.Get("error") != "" {
		h.Fatalf("answer %s %v", r.to, r.params)
	}
	code := r.params.Get("code")
	if bits := len(code) * 6; bits < 128 || entropy(code) < 96 { // base64url carries 6 bits a character
		h.Errorf("code of %d bits, measured %f", bits, entropy(code))
	}
}

// entropy is the measured Shannon entropy of a text, in bits.
func entropy(s string) float64 {
	counts := map[rune]float64{}
	for _, r := range s {
		counts[r]++
	}
	sum := 0.0
	for _, n := range counts {
		sum -= n / float64(len(s)) * math.Log2(n/float64(len(s)))
	}
	return sum * float64(len(s))
}

// flow is one whole flow with all that every module checks.
type flow struct {
	code   string
	tokens logintest.Answer
	id     map[string]any
	info   map[string]any
}

func (h *harness) flow(b *logintest.Browser, q url.Values) flow {
	h.Helper()
	f := flow{code: h.authorized(b, q).params.Get("code")}
	verifier := logintest.Verifier
	if q.Get("code_challenge") == "" {
		verifier = "-"
	}
	f.tokens = h.Redeem(f.code, "code_verifier", verifier)
	h.checkTokens(f.tokens)
	f.id = h.IDClaims(f.tokens.IDToken)
	h.checkIDToken(q, f)
	var status int
	if status, f.info = h.UserInfo(f.tokens.AccessToken); status != 200 || f.info["sub"] != f.id["sub"] {
		h.Errorf("userinfo %d, sub %v against %v", status, f.info["sub"], f.id["sub"])
	}
	checkTypes(h, f.info)
	return f
}

var accessTokenCharacters = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)

func (h *harness) checkTokens(a logintest.Answer) {
	h.Helper()
	if a.Status != 200 || a.TokenType != "Bearer" || a.ExpiresIn <= 0 ||
		!strings.HasPrefix(a.ContentType, "application/json") || a.CacheControl != "no-store" {
		h.Fatalf("token response %+v", a)
	}
	if entropy(a.AccessToken) < 96 || !accessTokenCharacters.MatchString(a.AccessToken) {
		h.Errorf("access token %q", a.AccessToken)
	}
}

func (h *harness) checkIDToken(q url.Values, f flow) {
	h.Helper()
	c := f.id
	now := float64(h.Clock.Now().Unix())
	exp, _ := c["exp"].(float64)
	iat, _ := c["iat"].(float64)
	if c["iss"] != logintest.Issuer || c["aud"] != logintest.ClientID || c["sub"] != h.UUID || exp <= now ||
		iat > now || iat < now-60 {
		h.Errorf("ID token %v", c)
	}
	if nonce := q.Get("nonce"); nonce != "" && c["nonce"] != nonce || nonce == "" && c["nonce"] != nil {
		h.Errorf("nonce %v for %q", c["nonce"], nonce)
	}
	if acr, _ := c["acr"].(string); q.Get("acr_values") != "" &&
		!slices.Contains(strings.Fields(q.Get("acr_values")), acr) {
		h.Errorf("acr %q for %q", acr, q.Get("acr_values"))
	}
	if c["at_hash"] != leftHash(f.tokens.AccessToken) || c["c_hash"] != leftHash(f.code) {
		h.Errorf("hashes %v %v", c["at_hash"], c["c_hash"])
	}
	for _, name := range []string{"name", "given_name", "family_name", "email"} {
		if c[name] != nil && !strings.Contains(q.Get("claims"), name) {
			h.Errorf("%s leaked into the ID token", name)
		}
	}
	checkTypes(h, c)
}

func leftHash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:16])
}

// checkTypes checks the JSON types of the standard claims (Core §5.1).
func checkTypes(t testing.TB, claims map[string]any) {
	t.Helper()
	for _, name := range []string{"sub", "name", "given_name", "family_name", "email", "acr", "nonce"} {
		if v, there := claims[name]; there {
			if s, ok := v.(string); !ok || s == "" {
				t.Errorf("%s is %v", name, v)
			}
		}
	}
	if v, there := claims["email_verified"]; there {
		if _, ok := v.(bool); !ok {
			t.Errorf("email_verified is %v", v)
		}
	}
	for _, name := range []string{"auth_time", "iat", "exp"} {
		if v, there := claims[name]; there {
			if _, ok := v.(float64); !ok {
				t.Errorf("%s is %v", name, v)
			}
		}
	}
}

var (
	authorizeErrors = []string{
		"invalid_request", "unauthorized_client", "access_denied", "unsupported_response_type", "invalid_scope",
		"server_error", "temporarily_unavailable",
		"interaction_required", "login_required", "account_selection_required", "consent_required",
		"invalid_request_uri", "invalid_request_object",
		"request_not_supported", "request_uri_not_supported", "registration_not_supported",
		"unmet_authentication_requirements",
	}
	plainDescription = regexp.MustCompile(`^[\x20-\x21\x23-\x5B\x5D-\x7E]*$`) // RFC 6749 §4.1.2.1
	errorParameters  = []string{"error", "error_description", "state", "iss"}
)

// refused asks for a sign-in that ends at once in an error to the service, and gives its code.
func (h *harness) refused(b *logintest.Browser, q url.Values) string {
	h.Helper()
	r := h.response(b.Get(logintest.Realm + "/authorize?" + q.Encode()))
	p := r.params
	if p.Get("state") != q.Get("state") || p.Get("iss") != logintest.Issuer || p.Has("code") ||
		!slices.Contains(authorizeErrors, p.Get("error")) || !plainDescription.MatchString(p.Get("error_description")) {
		h.Errorf("error to the service: %v", p)
	}
	for name := range p {
		if !slices.Contains(errorParameters, name) {
			h.Errorf("the error carries %s", name)
		}
	}
	return p.Get("error")
}

// errorPage asks for a sign-in that ends on a page of the provider, and nowhere else.
func (h *harness) errorPage(q url.Values) {
	h.Helper()
	res := h.Browser().Get(logintest.Realm + "/authorize?" + q.Encode())
	if res.StatusCode < 400 || res.StatusCode > 499 || res.Header.Get("Location") != "" ||
		strings.Contains(logintest.Text(res), "data-onward") {
		h.Errorf("no error page: %d %s", res.StatusCode, res.Header.Get("Location"))
	}
}

// metadata reads the discovery document.
func (h *harness) metadata() map[string]any {
	h.Helper()
	res := h.Browser().Get(logintest.Realm + "/.well-known/openid-configuration")
	if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "application/json") {
		h.Fatalf("discovery: %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	var m map[string]any
	worldtest.Check(h, json.Unmarshal([]byte(logintest.Text(res)), &m))
	return m
}

// checkKeys checks the published keys as every module does.
func (h *harness) checkKeys() {
	h.Helper()
	published := logintest.Text(h.Browser().Get(logintest.Realm + "/connect/jwk_uri"))
	var set struct{ Keys []map[string]any }
	worldtest.Check(h, json.Unmarshal([]byte(published), &set))
	kids := map[any]bool{}
	for _, k := range set.Keys {
		if k["kid"] == nil || k["kid"] == "" || kids[k["kid"]] {
			h.Errorf("kid %v is missing or not distinct", k["kid"])
		}
		kids[k["kid"]] = true
		for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "k"} {
			if k[private] != nil {
				h.Errorf("key %v shows %s", k["kid"], private)
			}
		}
	}
	if parsed := worldtest.Must(jwt.ParseSet([]byte(published)))(h); len(kids) == 0 || parsed.Len() != len(kids) {
		h.Errorf("%d keys, %d of them usable", len(kids), parsed.Len())
	}
}

package login_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/access"
	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login"
	"signpost/internal/careid/login/simulated"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/population"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/client"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/web"
)

const (
	origin   = "http://cis2.localhost:8080"
	realm    = cis2.Realm
	issuer   = origin + realm
	callback = "https://dos.example.nhs.uk/signin/callback"
	clientID = "123456789012.apps.supplier"
	otherID  = "210987654321.apps.supplier"
	secret   = "a secret of some length"
	goodPass = "correct horse battery"
)

var (
	nine = time.Date(2026, 11, 24, 9, 0, 10, 0, time.UTC)
	desk = actor.Actor{Kind: actor.Person, ID: "desk", Name: "RA agent"}
)

// world is a sign-in service with one client and one person.
type world struct {
	*careidtest.World

	t        *testing.T
	clock    *clock.Manual
	d        *db.DB
	options  login.Options
	site     *web.Site
	handler  http.Handler // stands before the site where a test wants to see its answers
	provider *provider.Provider
	mails    *mail.Mailbox
	jobs     *job.Queue
	box      *seal.Box
	key      jwt.Key // of the client
	uuid     string
	app      string // the secret that the person's authenticator app holds
	told     *told
}

// told collects what the client's back channel was sent.
type told struct {
	server *httptest.Server
	tokens chan string
	status int
}

func newTold(t *testing.T) *told {
	b := &told{tokens: make(chan string, 20), status: http.StatusOK}
	b.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.tokens <- r.PostFormValue("logout_token")
		w.WriteHeader(b.status)
	}))
	t.Cleanup(b.server.Close)
	return b
}

func open(t *testing.T) *world {
	t.Helper()
	w := &world{World: careidtest.Open(t, nine), t: t, told: newTold(t), key: clientKey}
	w.clock = w.Clock
	w.d = w.DB
	w.box = w.Box
	w.mails = w.Mails
	w.provider = must(provider.New(provider.Options{
		Issuer: issuer, DB: w.DB, Box: w.Box, Fetch: fetch.New(fetch.Options{AllowLoopback: true}), Clock: w.Clock,
	}))(t)
	w.Must(w.provider.Keys().Seed(t.Context(), desk, providerKey))
	w.Must(w.provider.Keys().Load(t.Context(), desk))
	w.Start(w.provider.Work)
	w.jobs = w.Jobs
	ground := step.Dependencies{Origin: origin, Name: "Care Identity", Hasher: w.Apps.Hasher, Box: w.Box}
	w.options = login.Options{
		DB: w.DB, Provider: w.provider, Ways: must(login.NewWays(ground))(t), Box: w.Box, Post: w.Post,
		Log: slog.New(slog.DiscardHandler), Metrics: web.NewMetrics(prometheus.NewRegistry()),
	}
	w.site = login.New(w.options)
	w.seed()
	return w
}

// demoSite is the site as the demo has it.
func (w *world) demoSite() *web.Site {
	o := w.options
	o.Metrics = web.NewMetrics(prometheus.NewRegistry())
	o.Personas = func(context.Context, db.R) ([]simulated.Persona, error) {
		return []simulated.Persona{{UUID: w.uuid, About: "Individual account, everything in order"}}, nil
	}
	return login.New(o)
}

// Keys take long to make, so all tests share these.
var providerKey, clientKey = testKey(jwt.RS256), testKey(jwt.RS512)

func testKey(a jwt.Algorithm) jwt.Key {
	k, err := jwt.Generate(a)
	if err != nil {
		panic(err)
	}
	return k
}

// seed makes Ada, and the two clients.
func (w *world) seed() {
	w.Helper()
	w.uuid = w.Make(population.Description{
		Organisations: []population.Organisation{{Code: "FXX01", Name: "EXAMPLE PHARMACY"}},
		People: []population.Person{{
			Title: "Dr", GivenName: "Ada", MiddleNames: "May", FamilyName: "Example", Email: "Ada@example.nhs.uk",
			EmailVerified: true, Organisation: "FXX01",
			Positions: []population.Position{{Organisation: "FXX01", Role: "S8001:G8002:R8008", Activities: []string{"B0166"}}},
		}},
	})[0].UUID
	jwks := must(json.Marshal(jwt.NewSet(w.key)))(w)
	directory := client.Client{
		ID: clientID, Name: "Directory of Services", AuthMethod: client.PrivateKeyJWT, Algorithm: jwt.RS512,
		JWKS: string(jwks), RedirectURIs: []string{callback}, PostLogoutURIs: []string{"https://dos.example.nhs.uk/signed-out"},
		BackchannelLogoutURI: w.told.server.URL, Scopes: cis2.Scopes, Active: true,
	}
	other := client.Client{
		ID: otherID, Name: "Another service", AuthMethod: client.ClientSecretPost, RequirePKCE: true,
		RedirectURIs: []string{"http://localhost:3000/cb"}, Scopes: []string{"openid", "profile"}, Active: true,
	}
	w.update(func(dw *db.W) error {
		if err := client.Register(w.Context(), dw, w.Box, directory, ""); err != nil {
			return err
		}
		return client.Register(w.Context(), dw, w.Box, other, secret)
	})
}

// simulatedKey is a security key that proves nothing.
func simulatedKey(uuid string) authenticator.New {
	return authenticator.New{UUID: uuid, Kind: authn.SecurityKey, Level: authn.AAL3, Name: "Simulated", Simulated: true}
}

func (w *world) position(role string, activities ...string) {
	w.t.Helper()
	ctx := w.t.Context()
	w.update(func(dw *db.W) error {
		id, err := access.AddPosition(ctx, dw, access.Position{Organisation: "FXX01", Name: role, RoleCode: role, Activities: activities})
		if err != nil {
			return err
		}
		return access.Assign(ctx, dw, access.Grant{UUID: w.uuid, Position: id, Organisation: "FXX01", Starts: dw.Now(), Number: identity.Number})
	})
}

// serve is what answers: the site, or what stands before it.
func (w *world) serve() http.Handler {
	if w.handler != nil {
		return w.handler
	}
	return w.site
}

func (w *world) update(fn func(dw *db.W) error) {
	w.t.Helper()
	check(w.t, w.d.Update(w.t.Context(), desk, fn))
}

func (w *world) view(fn func(ctx context.Context, r db.R) error) {
	w.t.Helper()
	check(w.t, w.d.View(w.t.Context(), func(r db.R) error { return fn(w.t.Context(), r) }))
}

func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// browser is one browser: it keeps cookies, and follows nothing by itself.
type browser struct {
	w       *world
	cookies map[string]string
	header  string // of authorisation; empty for none
	agent   string // what it says it is
	address string // it comes from
}

// browsers counts those of all tests: each comes from an address of its own, as people do.
var browsers atomic.Uint32

// browserWith is something that sends a header of authorisation with each request.
func (w *world) browserWith(header string) *browser {
	b := w.browser()
	b.header = header
	return b
}

// machine is the service's own, which calls from where its token requests come from.
func (w *world) machine() *browser {
	b := w.browser()
	b.address = httptest.NewRequest(http.MethodGet, "/", nil).RemoteAddr
	return b
}

func (w *world) browser() *browser {
	n := browsers.Add(1)
	return &browser{w: w, cookies: map[string]string{}, address: fmt.Sprintf("10.%d.%d.%d:1234", n>>16&255, n>>8&255, n&255)}
}

func (b *browser) do(method, target string, form url.Values) *http.Response {
	b.w.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r := httptest.NewRequest(method, target, body)
	if method == http.MethodPost {
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.RemoteAddr = b.address
	if b.agent != "" {
		r.Header.Set("User-Agent", b.agent)
	}
	if b.header != "" {
		r.Header.Set("Authorization", b.header)
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	rec := httptest.NewRecorder()
	b.w.serve().ServeHTTP(rec, r)
	res := rec.Result()
	for _, c := range res.Cookies() {
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		} else {
			b.cookies[c.Name] = c.Value
		}
	}
	return res
}

func (b *browser) get(target string) *http.Response { b.w.t.Helper(); return b.do("GET", target, nil) }

// send posts a form and says where it led.
func (b *browser) send(target string, pairs ...string) string {
	b.w.t.Helper()
	res := b.do("POST", target, values(pairs...))
	if res.StatusCode != http.StatusSeeOther {
		b.w.t.Fatalf("POST %s: %d %s", target, res.StatusCode, heading(res))
	}
	return res.Header.Get("Location")
}

func values(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func text(res *http.Response) string {
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

// heading gives the page's title, for messages.
func heading(res *http.Response) string {
	_, rest, _ := strings.Cut(text(res), "<title>")
	title, _, _ := strings.Cut(rest, "</title>")
	return title
}

// request is an honest request of the client, with changes.
func request(pairs ...string) url.Values {
	q := values("response_type", "code", "client_id", clientID, "redirect_uri", callback, "scope", "openid profile email nhsperson nationalrbacaccess associatedorgs",
		"state", "st-1", "nonce", "no-1", "acr_values", "AAL2_OR_AAL3_ANY", "code_challenge", challengeOf(verifier), "code_challenge_method", "S256")
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
		if pairs[i+1] == "-" {
			q.Del(pairs[i])
		}
	}
	return q
}

// begin asks for a sign-in and gives where its pages are.
func (b *browser) begin(q url.Values) string {
	b.w.t.Helper()
	res := b.get(realm + "/authorize?" + q.Encode())
	to := res.Header.Get("Location")
	if res.StatusCode != http.StatusSeeOther || !strings.HasPrefix(to, "/sign-in/") {
		b.w.t.Fatalf("authorize: %d, %q, %s", res.StatusCode, to, heading(res))
	}
	return to
}

// device is a security key, or a platform authenticator, of a person.
type device struct {
	rp   virtualwebauthn.RelyingParty
	auth virtualwebauthn.Authenticator
	cred virtualwebauthn.Credential
}

func newDevice() *device {
	return &device{
		rp:   virtualwebauthn.RelyingParty{ID: "cis2.localhost", Name: "Care Identity", Origin: origin},
		auth: virtualwebauthn.NewAuthenticator(), cred: newCredential(),
	}
}

// newCredential makes a credential whose public key has both coordinates at full length: the library
// leaves leading zeros out, which no real authenticator does.
func newCredential() virtualwebauthn.Credential {
	const full = 77 // bytes of the COSE key
	for {
		if c := virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2); len(c.Key.AttestationData()) == full {
			return c
		}
	}
}

// bind walks through the binding pages up to the last.
func (w *world) bindPages(b *browser, uuid, address string, kind authn.Kind) string {
	w.t.Helper()
	path := must(authenticator.Invite(w.t.Context(), w.d, desk, uuid, kind))(w.t)
	at := b.send(path, "email", address)
	b.send(at+"/code", "code", w.mailed(address))
	return at
}

// mailed gives the code of the newest mail to an address.
func (w *world) mailed(address string) string {
	w.t.Helper()
	jobtest.Settle(w.t, w.jobs)
	newest := mail.Kept{}
	for _, m := range w.mails.To(address) {
		if m.Kind == "authenticator.code" && m.ID > newest.ID {
			newest = m
		}
	}
	_, rest, found := strings.Cut(newest.Text, "Your code is ")
	if !found {
		w.t.Fatalf("no code was mailed to %s", address)
	}
	code, _, _ := strings.Cut(rest, "\n")
	return code
}

func (w *world) bindDevice(d *device, kind authn.Kind) {
	w.t.Helper()
	b := w.browser()
	at := w.bindPages(b, w.uuid, "Ada@example.nhs.uk", kind)
	if to := b.send(at+"/key", "answer", b.register(at, d)); to != "/authenticator-added" {
		w.t.Fatalf("binding ended at %s", to)
	}
}

// register answers a binding's challenge.
func (b *browser) register(at string, d *device) string {
	b.w.t.Helper()
	options := text(b.do("POST", at+"/options", url.Values{}))
	parsed := must(virtualwebauthn.ParseAttestationOptions(options))(b.w.t)
	var user struct {
		PublicKey struct{ User struct{ ID string } }
	}
	check(b.w.t, json.Unmarshal([]byte(options), &user))
	d.auth.Options.UserHandle = unbase64(b.w.t, user.PublicKey.User.ID)
	return virtualwebauthn.CreateAttestationResponse(d.rp, d.auth, d.cred, *parsed)
}

// touch answers a sign-in's challenge.
func (b *browser) touch(at string, d *device) string {
	b.w.t.Helper()
	options := text(b.do("POST", at+"/options", url.Values{}))
	parsed := must(virtualwebauthn.ParseAssertionOptions(options))(b.w.t)
	return virtualwebauthn.CreateAssertionResponse(d.rp, d.auth, d.cred, *parsed)
}

// signIn walks a whole sign-in with a security key and gives the address the browser ends at.
func (b *browser) signIn(q url.Values, d *device) *url.URL {
	b.w.t.Helper()
	at := b.begin(q)
	b.send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	return must(url.Parse(b.send(at+"/key", "answer", b.touch(at, d))))(b.w.t)
}

package checkrp_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/checkrp"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/jwt/jwttest"
	"signpost/internal/platform/random"
	"signpost/internal/platform/relying/issuer"
)

const (
	secret   = "a shared secret"
	clientID = "100000000099.apps.supplier"
)

// careless is a relying party that does everything wrong that can be done while people still sign in.
type careless struct {
	t      *testing.T
	server *httptest.Server
	issuer *issuer.Issuer
	mu     sync.Mutex
	in     map[string]bool
	now    clock.Clock
	redeem func(form url.Values) // changes its token requests
	honest bool                  // it lets nobody in whom the token endpoint refuses
}

func newCareless(t *testing.T, i *issuer.Issuer) *careless {
	t.Helper()
	c := &careless{t: t, issuer: i, in: map[string]bool{}, redeem: func(url.Values) {}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<h1>Careless</h1><a href="/">Care Identity news</a>`,
			`<a href="/login">Log in with my Care Identity</a>`)
	})
	mux.HandleFunc("GET /login", c.login)
	mux.HandleFunc("GET /callback", c.callback)
	mux.HandleFunc("GET /me", c.me)
	mux.HandleFunc("POST /logout", c.logout)
	c.server = httptest.NewServer(mux)
	t.Cleanup(c.server.Close)
	return c
}

// login asks with the same state for everybody, and for nothing fresh.
func (c *careless) login(w http.ResponseWriter, r *http.Request) {
	q := url.Values{"response_type": {"code"}, "client_id": {clientID}, "redirect_uri": {c.server.URL + "/callback"},
		"scope": {"openid profile"}, "state": {"1"}, "max_age": {"300000"}}
	http.Redirect(w, r, c.issuer.Address()+"/authorize?"+q.Encode(), http.StatusFound)
}

// callback believes what it is told, and reads the metadata and the keys each time to no purpose.
func (c *careless) callback(w http.ResponseWriter, r *http.Request) {
	code := r.URL.Query().Get("code")
	if code == "" {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	c.read(http.MethodGet, cis2.DiscoveryPath, nil)
	c.read(http.MethodGet, cis2.KeysPath, nil)
	form := url.Values{"grant_type": {"authorization_code"}, "code": {code},
		"redirect_uri": {c.server.URL + "/callback"}, "client_id": {clientID}, "client_secret": {"another secret"}}
	c.redeem(form)
	answer := c.read(http.MethodPost, cis2.TokenPath, form)
	if c.honest && answer["error"] != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	access, _ := answer["access_token"].(string)
	c.read(http.MethodGet, "/userinfo?access_token="+url.QueryEscape(access), nil)
	sid, _ := payload(answer["id_token"])["sid"].(string)
	c.mu.Lock()
	c.in[sid] = true
	c.mu.Unlock()
	http.SetCookie(w, &http.Cookie{Name: "session", Value: sid, Path: "/"})
	fmt.Fprint(w, "<h1>Welcome</h1>")
}

// payload is the claims of a token that nobody verifies.
func payload(token any) map[string]any {
	text, _ := token.(string)
	parts := strings.Split(text, ".")
	if len(parts) != 3 {
		return nil
	}
	var claims map[string]any
	plain, _ := base64.RawURLEncoding.DecodeString(parts[1])
	_ = json.Unmarshal(plain, &claims)
	return claims
}

func (c *careless) read(method, path string, form url.Values) map[string]any {
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.issuer.Address()+path,
		strings.NewReader(form.Encode()))
	if err != nil {
		c.t.Error(err)
		return nil
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Error(err)
		return nil
	}
	defer res.Body.Close()
	var answer map[string]any
	_ = json.NewDecoder(res.Body).Decode(&answer)
	return answer
}

func (c *careless) me(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie("session")
	c.mu.Lock()
	defer c.mu.Unlock()
	if err != nil || !c.in[cookie.Value] {
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	fmt.Fprint(w, "You are in")
}

// logout ends everybody's session, whatever it is told and how.
func (c *careless) logout(_ http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	if len(body) == 0 && r.URL.RawQuery == "" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.in)
}

// movable is a clock on which waiting takes no time.
type movable struct{ *clocktest.Manual }

func (m movable) Wait(ctx context.Context, d time.Duration) error {
	m.Advance(d)
	return ctx.Err()
}

// check holds the careless relying party to the list.
func check(t *testing.T, change func(*checkrp.Options), party ...func(*careless)) checkrp.Report {
	t.Helper()
	now := movable{clocktest.At(time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC))}
	server := httptest.NewUnstartedServer(nil)
	i := issuer.New("http://"+server.Listener.Addr().String(), jwttest.Key(t, "issuer", jwt.RS256), now)
	server.Config.Handler = i.Handler()
	server.Start()
	t.Cleanup(server.Close)
	c := newCareless(t, i)
	c.now = now
	for _, alter := range party {
		alter(c)
	}
	client := issuer.Client{ID: clientID, Secret: secret}
	i.Register(client)
	o := checkrp.Options{
		Issuer: i, Client: client, Start: c.server.URL + "/", SignedInURL: c.server.URL + "/me", SignedInText: "You are in",
		BackchannelLogout: c.server.URL + "/logout", Person: issuer.Ada(), MinIdentity: 3, Patience: 13 * time.Hour,
		Fetch: fetch.New(fetch.Options{AllowLoopback: true}), Timer: now,
	}
	change(&o)
	report, err := checkrp.Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// What even a careless relying party gets right, or cannot be seen to get wrong.
var evenSo = map[string]checkrp.Outcome{
	"oidcc-client-test": checkrp.Pass, "signpost-request": checkrp.Pass, "signpost-button": checkrp.Pass,
	"oidcc-client-test-discovery-openid-config": checkrp.Pass, "oidcc-client-test-discovery-jwks-uri-keys": checkrp.Pass,
	"NHS CIA Sec Req 003": checkrp.Warn, "signpost-https": checkrp.Warn,
	"oidcc-client-test-kid-absent-single-jwks": checkrp.Pass, "signpost-token-answer": checkrp.Pass, "signpost-levels": checkrp.Pass,
	"signpost-role-none": checkrp.Pass, "signpost-role-missing": checkrp.Pass, "signpost-role-one": checkrp.Pass, "signpost-role-many": checkrp.Pass,
	"signpost-role-object": checkrp.Pass, "signpost-role-plain": checkrp.Pass, "signpost-role-selected-empty": checkrp.Pass,
	"signpost-role-selected-unknown": checkrp.Pass, "signpost-email-missing": checkrp.Pass, "signpost-logout-sub": checkrp.Pass,
	"oidcc-client-test-signing-key-rotation-just-before-signing": checkrp.Pass,
}

func TestACarelessRelyingPartyIsFoundOut(t *testing.T) {
	report := check(t, func(*checkrp.Options) {})
	for _, l := range report.Lines {
		want, right := evenSo[l.ID]
		if !right {
			want = checkrp.Fail
		}
		if l.Outcome != want {
			t.Errorf("%s (%s): %s, want %s: %s", l.ID, l.What, l.Outcome, want, l.Saw)
		}
		t.Logf("%-8s  %s: %s", l.Outcome, l.ID, l.Saw)
	}
	if report.Accepted < 70 || len(report.Lines) < 60 || !report.Failed() {
		t.Errorf("%d of %d bad answers accepted in %d lines", report.Accepted, report.Tried, len(report.Lines))
	}
}

// The honest sign-in must be one, or nothing else is tried.
func TestWithoutAnHonestSignInNothingIsTried(t *testing.T) {
	for name, change := range map[string]func(*checkrp.Options){
		"the page is everybody's":  func(o *checkrp.Options) { o.SignedInURL, o.SignedInText = o.Start, "Careless" },
		"nobody is ever signed in": func(o *checkrp.Options) { o.SignedInText = "nowhere to be read" },
		"no way in on the page":    func(o *checkrp.Options) { o.Start += "me" },
	} {
		report := check(t, change)
		if len(report.Lines) != 1 || report.Lines[0].Outcome != checkrp.Fail || report.Tried != 0 {
			t.Errorf("%s: %+v", name, report)
		}
	}
}

// Without patience, and without a logout address, what cannot be seen is said not to have been.
func TestWhatIsNotSeenIsSaidSo(t *testing.T) {
	report := check(t, func(o *checkrp.Options) { o.Patience, o.BackchannelLogout = 0, "" })
	for _, l := range report.Lines {
		unseen := strings.Contains(l.ID, "logout") || strings.HasPrefix(l.ID, "NHS CIA Ses Req 005") ||
			strings.HasPrefix(l.ID, "NHS CIA Ses Req 007") || strings.Contains(l.ID, "rotation")
		if (l.Outcome == checkrp.NotSeen) != unseen {
			t.Errorf("%s: %s, %s", l.ID, l.Outcome, l.Saw)
		}
	}
}

// A token request that the provider refuses is what the report says, and a client that an assertion names by itself
// needs no client_id beside it.
func TestARefusalAtTheTokenEndpointIsNamed(t *testing.T) {
	key := jwttest.Key(t, "client", jwt.RS256)
	for _, tt := range []struct {
		name    string
		change  func(url.Values)
		refused string // empty if the sign-in works
	}{
		{"an assertion without client_id", func(form url.Values) { form.Del("client_id") }, ""},
		{"another redirect_uri", func(form url.Values) { form.Set("redirect_uri", "http://localhost/other") },
			"the token endpoint refused: redirect_uri: expected"},
		{"another client's id", func(form url.Values) { form.Set("client_id", "100000000001.apps.supplier") },
			"the token endpoint refused: client_id: expected"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			report := check(t, func(o *checkrp.Options) {
				o.Client = issuer.Client{ID: clientID, Keys: jwt.NewSet(key)}
				o.Issuer.Register(o.Client)
			}, func(c *careless) {
				c.honest = true
				c.redeem = func(form url.Values) {
					form.Del("client_secret")
					form.Set("client_assertion_type", jwt.AssertionType)
					form.Set("client_assertion", c.assertion(key))
					tt.change(form)
				}
			})
			for _, l := range report.Lines {
				switch {
				case l.ID != "oidcc-client-test":
				case (l.Outcome == checkrp.Pass) != (tt.refused == "") || !strings.Contains(l.Saw, tt.refused):
					t.Errorf("%s: %s, want %q", l.Outcome, l.Saw, tt.refused)
				}
			}
		})
	}
}

// assertion makes an assertion of the relying party as a client.
func (c *careless) assertion(key jwt.Key) string {
	at := c.now.Now()
	text, err := jwt.Sign(key, jwt.TypePlain, map[string]any{
		"iss": clientID, "sub": clientID, "aud": c.issuer.Address(), "jti": random.ID(),
		"iat": at.Unix(), "exp": at.Add(5 * time.Minute).Unix(),
	})
	if err != nil {
		c.t.Error(err)
	}
	return text
}

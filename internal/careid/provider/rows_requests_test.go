package provider_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/login"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/client"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/worldtest"
)

// O9, O10, O14, O17, O45: features that are not built are not announced, not there, and not accepted.
func TestWhatIsNotBuiltIsNotThere(t *testing.T) {
	w, key := withKey(t)
	h := &harness{world: w, device: key}
	access := h.flow(w.Browser(), logintest.Request()).tokens.AccessToken
	named := string(worldtest.Must(json.Marshal(h.metadata()))(t))
	inMetadata := func(word string) func() bool { return func() bool { return strings.Contains(named, word) } }
	answers := func(method, path string) func() bool {
		return func() bool {
			return w.Browser().Do(method, logintest.Realm+path, nil).StatusCode != http.StatusNotFound
		}
	}
	userInfo := func(header string) func() bool {
		return func() bool { return w.BrowserWith(header).Get(logintest.Realm+"/userinfo").StatusCode == http.StatusOK }
	}
	tally(t, "not built", userInfo("Bearer "+access), map[string]func() bool{
		"O10 DPoP in metadata":       inMetadata("dpop"),
		"O10 mutual TLS in metadata": inMetadata("tls_client"),
		"O10 a token as a DPoP one":  userInfo("DPoP " + access),
		"O10 a token type of DPoP": func() bool {
			return h.flow(w.Browser(), logintest.Request("dpop_jkt", "x")).tokens.TokenType != "Bearer"
		},
		"O14 refresh tokens in metadata": inMetadata("refresh_token"),
		"O14 offline access in metadata": inMetadata("offline_access"),
		"O17 session frame in metadata":  inMetadata("check_session_iframe"),
		"O17 session frame":              answers("GET", "/connect/checkSession"),
		"O45 device flow in metadata":    inMetadata("device"),
		"O45 device code":                answers("POST", "/device/code"),
		"O45 device page":                answers("GET", "/device/user"),
		"O45 backchannel authentication": answers("POST", "/bc-authorize"),
		"registration in metadata":       inMetadata("registration_endpoint"),
		"registration":                   answers("POST", "/register"),
		"O9 an access token in the address": func() bool {
			return w.Browser().Get(logintest.Realm+"/userinfo?access_token="+access).StatusCode == http.StatusOK
		},
		"O9 another client's introspection": func() bool {
			return w.introspects(logintest.Values("client_id", logintest.OtherID, "client_secret", logintest.Secret,
				"token", access))
		},
		"O26 an ID token for access": userInfo("Bearer " + w.Redeem(h.authorized(w.Browser(), logintest.Request()).params.Get("code")).IDToken),
		"O15 client credentials":     func() bool { return w.Redeem("", "grant_type", "client_credentials").Status == http.StatusOK },
		"O15 password": func() bool {
			return w.Redeem("", "grant_type", "password", "username", "ada",
				"password", logintest.GoodPass).Status == http.StatusOK
		},
		"O14 a refresh": func() bool {
			return w.Redeem("", "grant_type", "refresh_token", "refresh_token", access).Status == http.StatusOK
		},
		"token exchange": func() bool {
			return w.Redeem("", "grant_type", "urn:ietf:params:oauth:grant-type:token-exchange").Status == http.StatusOK
		},
	})
}

func (w *world) introspects(form url.Values) bool {
	w.Helper()
	var body struct{ Active bool }
	worldtest.Check(w, json.Unmarshal([]byte(logintest.Text(w.Call(logintest.Realm+"/introspect", form))), &body))
	return body.Active
}

// O13: what a client says of itself in headers counts for nothing.
func TestHeadersAreNotBelieved(t *testing.T) {
	w := open(t)
	metadata := func(host string, headers ...string) string {
		r := httptest.NewRequest(http.MethodGet, logintest.Realm+"/.well-known/openid-configuration", nil)
		r.Host = host
		for i := 0; i+1 < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		rec := httptest.NewRecorder()
		w.Site.ServeHTTP(rec, r)
		return rec.Body.String()
	}
	honest := metadata("cis2.localhost:8080")
	differs := func(host string, headers ...string) func() bool {
		return func() bool { return metadata(host, headers...) != honest }
	}
	namesIssuer := func() bool { return strings.Contains(honest, `"issuer":"`+logintest.Issuer+`"`) }
	tally(t, "O13 headers", namesIssuer, map[string]func() bool{
		"Host":              differs("evil.example"),
		"X-Forwarded-Host":  differs("cis2.localhost:8080", "X-Forwarded-Host", "evil.example"),
		"Forwarded":         differs("cis2.localhost:8080", "Forwarded", "host=evil.example;proto=https"),
		"X-Forwarded-Proto": differs("cis2.localhost:8080", "X-Forwarded-Proto", "https"),
		"X-Client-Cert":     differs("cis2.localhost:8080", "X-Client-Cert", "MIIB", "Client-Cert", ":MIIB:"),
		"X-Original-URL":    differs("cis2.localhost:8080", "X-Original-URL", "/evil", "X-Rewrite-URL", "/evil"),
		"authorize to the Host": func() bool {
			r := httptest.NewRequest(http.MethodGet, logintest.Realm+"/authorize?"+logintest.Request().Encode(), nil)
			r.Host = "evil.example"
			rec := httptest.NewRecorder()
			w.Site.ServeHTTP(rec, r)
			return strings.Contains(rec.Header().Get("Location"), "evil")
		},
	})
}

// O21: a session cookie that was planted before a sign-in is worth nothing after it.
func TestPlantedSessions(t *testing.T) {
	w, key := withKey(t)
	works := func(cookie string) bool {
		b := w.Browser()
		b.Cookies["__Host-sso"] = cookie
		code, _ := b.Silently(logintest.Request())
		return code != ""
	}
	after := func(planted string) (own string) {
		b := w.Browser()
		b.Cookies["__Host-sso"] = planted
		b.SignIn(logintest.Request("prompt", "login"), key)
		return b.Cookies["__Host-sso"]
	}
	honest := after("")
	thief := w.Browser()
	thief.SignIn(logintest.Request(), key)
	stolen := thief.Cookies["__Host-sso"]
	tally(t, "O21 planted session cookies", func() bool { return works(honest) }, map[string]func() bool{
		"made up": func() bool {
			planted := random.ID() + "." + random.Secret()
			return after(planted) == planted || works(planted)
		},
		"another live session's": func() bool { return after(stolen) == stolen || works(stolen) },
		"the id of one, another secret": func() bool {
			id, _, _ := strings.Cut(honest, ".")
			return works(id + "." + random.Secret())
		},
	})
}

// O24: keys that a token's own header offers are not looked at.
func TestOfferedKeysAreIgnored(t *testing.T) {
	w, key := withKey(t)
	fetched := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { fetched++ }))
	defer server.Close()
	mine := worldtest.Must(rsa.GenerateKey(rand.Reader, 2048))(t)
	offered := func(header map[jose.HeaderKey]any) func() bool {
		return func() bool {
			options := &jose.SignerOptions{ExtraHeaders: header}
			signer := worldtest.Must(jose.NewSigner(jose.SigningKey{Algorithm: jose.RS512,
				Key: jose.JSONWebKey{Key: mine, KeyID: w.Key.ID}}, options))(t)
			now := w.Clock.Now().Unix()
			payload := worldtest.Must(json.Marshal(map[string]any{"iss": logintest.ClientID, "sub": logintest.ClientID,
				"aud": logintest.Issuer + "/access_token", "jti": random.ID(), "exp": now + 60}))(t)
			token := worldtest.Must(worldtest.Must(signer.Sign(payload))(t).CompactSerialize())(t)
			return w.Redeem(w.Browser().SignIn(logintest.Request(), key).Query().Get("code"),
				"client_assertion", token).Status == http.StatusOK
		}
	}
	public := jose.JSONWebKey{Key: mine.Public(), KeyID: w.Key.ID}
	tally(t, "O24 keys in the header", func() bool {
		return w.Redeem(w.Browser().SignIn(logintest.Request(), key).Query().Get("code")).Status == http.StatusOK
	}, map[string]func() bool{
		"jwk": offered(map[jose.HeaderKey]any{"jwk": public}),
		"jku": offered(map[jose.HeaderKey]any{"jku": server.URL}),
		"x5u": offered(map[jose.HeaderKey]any{"x5u": server.URL}),
		"x5c": offered(map[jose.HeaderKey]any{"x5c": []string{"MIIB"}}),
	})
	if fetched > 0 {
		t.Errorf("an address in a header was fetched %d times", fetched)
	}
}

// O23: a key id is looked up among the client's keys, and is nothing else.
func TestKeyIDs(t *testing.T) {
	w, key := withKey(t)
	signed := func(kid string) func() bool {
		return func() bool {
			mine := logintest.TestKey(jwt.RS512)
			mine.ID = kid
			now := w.Clock.Now().Unix()
			claims := map[string]any{
				"iss": logintest.ClientID, "sub": logintest.ClientID, "aud": logintest.Issuer + "/access_token",
			}
			claims["jti"] = random.ID()
			claims["exp"] = now + 60
			token := worldtest.Must(jwt.Sign(mine, "JWT", claims))(t)
			return w.Redeem(w.Browser().SignIn(logintest.Request(), key).Query().Get("code"),
				"client_assertion", token).Status == http.StatusOK
		}
	}
	tally(t, "O23 key ids", func() bool {
		return w.Redeem(w.Browser().SignIn(logintest.Request(), key).Query().Get("code")).Status == http.StatusOK
	}, map[string]func() bool{
		"a path": signed("../../../../dev/null"), "SQL": signed("' OR '1'='1"), "an address": signed("https://evil.example/key"), "a large one": signed(strings.Repeat("k", 50_000)),
		"none": signed(""), "the provider's own": signed(logintest.ProviderKey.ID),
	})
}

// O36: answers do not tell strangers who has an account.
func TestAnswersDoNotTellWhoIsThere(t *testing.T) {
	w := open(t)
	w.BindApp(t)
	answerTo := func(address string) string {
		b := w.Browser()
		at := b.Begin(logintest.Request())
		b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
		page := logintest.Text(b.Do("POST", at+"/password", logintest.Values("email", address, "password", "wrong")))
		page = strings.NewReplacer(address, "ADDRESS", strings.TrimPrefix(at, "/sign-in/"), "FLOW").Replace(page)
		return webtest.Unsealed(page)
	}
	honest := answerTo("ada@example.nhs.uk")
	tally(t, "O36 who is there", func() bool { return strings.Contains(honest, "ADDRESS") }, map[string]func() bool{
		"nobody":                  func() bool { return answerTo("eve@example.nhs.uk") != honest },
		"nobody of another trust": func() bool { return answerTo("eve@elsewhere.example") != honest },
		"an address of two people": func() bool {
			w.Another(t)
			return answerTo("ada@example.nhs.uk") != honest
		},
	})
}

// O25: a client's key address leads to no machine of ours.
func TestKeyAddressesLeadNowhereInside(t *testing.T) {
	w, key := withKey(t)
	reached := 0
	inside := httptest.NewTLSServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached++ }))
	defer inside.Close()
	_, port, _ := net.SplitHostPort(inside.Listener.Addr().String())
	p := worldtest.Must(provider.New(provider.Options{
		Issuer: logintest.Issuer, DB: w.DB, Box: w.Box, Fetch: fetch.New(fetch.Options{}), Clock: w.Clock,
	}))(t)
	worldtest.Check(t, p.Keys().Load(t.Context(), logintest.Desk))
	o := w.Options
	o.Provider = p
	o.Metrics = web.NewMetrics(prometheus.NewRegistry())
	w.Site = login.New(o)
	redeemed := func() bool {
		return w.Redeem(w.Browser().SignIn(logintest.Request(), key).Query().Get("code")).Status == http.StatusOK
	}
	by := func(uri string) func() bool {
		return func() bool {
			w.alter(func(c *client.Client) {
				c.JWKS = ""
				c.JWKSURI = uri
			})
			return redeemed()
		}
	}
	jwks := ""
	w.View(func(ctx context.Context, r db.R) error {
		c, err := client.ByID(ctx, r, logintest.ClientID)
		jwks = c.JWKS
		return err
	})
	honest := func() bool {
		w.alter(func(c *client.Client) {
			c.JWKS = jwks
			c.JWKSURI = ""
		})
		return redeemed()
	}
	tally(t, "O25 key addresses", honest, map[string]func() bool{
		"loopback":          by("https://127.0.0.1:" + port + "/jwks"),
		"loopback by name":  by("https://localhost:" + port + "/jwks"),
		"loopback, IPv6":    by("https://[::1]:" + port + "/jwks"),
		"mapped loopback":   by("https://[::ffff:127.0.0.1]:" + port + "/jwks"),
		"a private network": by("https://10.0.0.1/jwks"),
		"link-local":        by("https://169.254.169.254/latest/meta-data"),
		"unspecified":       by("https://0.0.0.0:" + port + "/jwks"),
	})
	if reached > 0 {
		t.Errorf("a machine inside was reached %d times", reached)
	}
}

// O27: a request with a repeated parameter is refused, in the query and in the body.
func TestRepeatedParameters(t *testing.T) {
	w, key := withKey(t)
	form := func(code string) url.Values {
		return w.proved("grant_type", "authorization_code", "code", code, "redirect_uri", logintest.Callback,
			"client_id", logintest.ClientID, "code_verifier", logintest.Verifier)
	}
	code := func() string { return w.Browser().SignIn(logintest.Request(), key).Query().Get("code") }
	attacks := map[string]func() bool{}
	for name := range form("x") {
		attacks["O27 token "+name] = func() bool {
			f := form(code())
			f.Add(name, f.Get(name))
			return w.Call(logintest.Realm+"/access_token", f).StatusCode == http.StatusOK
		}
	}
	for name := range logintest.Request() {
		attacks["O27 authorize "+name] = func() bool {
			q := logintest.Request()
			q.Add(name, q.Get(name))
			return strings.HasPrefix(w.Browser().Get(logintest.Realm+"/authorize?"+q.Encode()).Header.Get("Location"),
				"/sign-in/")
		}
	}
	attacks["O27 JSON in a form"] = func() bool {
		r := httptest.NewRequest(http.MethodPost, logintest.Realm+"/access_token",
			strings.NewReader(`{"grant_type":"authorization_code"}`))
		r.Header.Set("Content-Type", "application/json")
		rec := httptest.NewRecorder()
		w.Site.ServeHTTP(rec, r)
		return rec.Code == http.StatusOK
	}
	tally(t, "repeated parameters",
		func() bool { return w.Call(logintest.Realm+"/access_token", form(code())).StatusCode == http.StatusOK },
		attacks)
}

// O31: prompt=none shows nothing and gives nothing that was not proved.
func TestSilentRequests(t *testing.T) {
	w := open(t)
	w.BindApp(t)
	w.Position("S8000:G8000:R8000")
	b := w.Browser()
	at := b.Begin(logintest.Request())
	b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
	b.Send(at+"/password", "email", "ada@example.nhs.uk", "password", logintest.GoodPass)
	w.Clock.Advance(time.Minute)
	b.Send(at+"/code", "code", w.AppCode(t))
	gets := func(pairs ...string) func() bool {
		return func() bool { code, _ := b.Silently(logintest.Request(pairs...)); return code != "" }
	}
	tally(t, "O31 silently", gets(), map[string]func() bool{
		"a higher class":             gets("acr_values", "AAL3_ANY"),
		"another method":             gets("acr_values", "AAL3_FIDO2"),
		"no class, which means AAL3": gets("acr_values", "-"),
		"a role to choose":           gets("scope", "openid selectedrole"),
		"a proof of this moment":     func() bool { w.Clock.Advance(2 * time.Second); return gets("max_age", "1")() },
		"a stranger's browser": func() bool {
			code, _ := w.Browser().Silently(logintest.Request())
			return code != ""
		},
	})
}

// O33: codes, tokens, states of sessions: long, and none twice.
func TestNothingRepeats(t *testing.T) {
	seen := map[string]bool{}
	for range 100_000 {
		s := random.Secret()
		again := seen[s] || len(s)*6 < 128
		seen[s] = true
		countRow(again, "O33")
		if again {
			t.Fatalf("%q came twice, or is short", s)
		}
	}
}

// O35: guesses are counted for each authenticator, and the person has another way.
func TestGuessingLocksOneAuthenticator(t *testing.T) {
	w, key := withKey(t)
	w.BindApp(t)
	guess := func() bool {
		b := w.Browser()
		at := b.Begin(logintest.Request())
		b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
		return b.Do("POST", at+"/password",
			logintest.Values("email", "ada@example.nhs.uk", "password", random.ID())).StatusCode == http.StatusSeeOther
	}
	for range 101 {
		accepted := guess()
		countRow(accepted, "O35")
		if accepted {
			t.Fatal("a guess was right")
		}
		w.Clock.Advance(2 * time.Second)
	}
	b := w.Browser()
	at := b.Begin(logintest.Request())
	b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
	if b.Do("POST", at+"/password",
		logintest.Values("email", "ada@example.nhs.uk", "password",
			logintest.GoodPass)).StatusCode == http.StatusSeeOther {
		t.Error("101 wrong passwords did not lock the authenticator app")
	}
	if w.Browser().SignIn(logintest.Request(), key).Query().Get("code") == "" {
		t.Error("the person's security key was locked too")
	}
}

// O38: names that are no names, on every page of a sign-in.
func TestNamesAreNotMarkup(t *testing.T) {
	w, key := withKey(t)
	w.Position("S8000:G8000:R8000")
	for i := range 500 {
		name := payload(i)
		w.ByDesk(func(dw *db.W) error {
			c, err := client.ByID(t.Context(), dw, logintest.ClientID)
			if err != nil {
				return err
			}
			c.Name = "Service " + name
			if err := client.Register(t.Context(), dw, w.Box, c, ""); err != nil {
				return err
			}
			if i > 0 {
				return nil
			}
			_, err = dw.Exec(t.Context(), `UPDATE organisation SET name = $1 WHERE code = 'FXX01'`, "PHARMACY "+name)
			return err
		})
		b := w.Browser()
		at := b.Begin(logintest.Request("login_hint", name, "scope", "openid selectedrole"))
		pages := []string{logintest.Text(b.Get(at))}
		if i < 20 {
			b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
			b.Send(at+"/key", "answer", b.Touch(at, key))
			pages = append(pages, logintest.Text(b.Get(at)), logintest.Text(b.Get("/my-sessions")))
		}
		for _, page := range pages {
			raw := strings.Contains(page, name) && strings.ContainsAny(name, `<>"'`)
			countRow(raw, "O38")
			if raw {
				t.Fatalf("%q stands on a page as it is", name)
			}
		}
	}
}

// payload is one of many names that would be markup, script or a template if a page let it.
func payload(i int) string {
	shapes := []string{
		`<script>alert(%d)</script>`, `"><img src=x onerror=alert(%d)>`, `'><svg onload=alert(%d)>`,
		`</title><script>alert(%d)</script>`, `<iframe src="javascript:alert(%d)">`,
		`<a href="javascript:alert(%d)">x</a>`, `{{constructor.constructor("alert(%d)")()}}`,
		`" onmouseover="alert(%d)`, `<!--%d--><b>`, `<math><mi xlink:href="data:x,%d">`,
	}
	return fmt.Sprintf(shapes[i%len(shapes)], i)
}

// O39: requests that are too large, or that two servers would read differently.
func TestRequestsThatAreNoRequests(t *testing.T) {
	w := open(t)
	server := httptest.NewServer(w.Site)
	defer server.Close()
	answerTo := func(request string) string {
		conn := worldtest.Must(net.Dial("tcp", server.Listener.Addr().String()))(t)
		defer func() { _ = conn.Close() }()
		worldtest.Check(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
		_, _ = io.WriteString(conn, request) // a server that has seen enough hangs up
		answer, _ := io.ReadAll(conn)
		return string(answer)
	}
	staying := "POST " + logintest.Realm + "/access_token HTTP/1.1\r\nHost: cis2.localhost\r\n" +
		"Content-Type: application/x-www-form-urlencoded\r\n"
	post := staying + "Connection: close\r\n"
	served := func(request string) func() bool {
		return func() bool {
			answer := answerTo(request)
			return strings.HasPrefix(answer, "HTTP/1.1 2") || strings.Count(answer, "HTTP/1.1 ") > 1
		}
	}
	honest := func() bool {
		get := "GET " + logintest.Realm +
			"/connect/jwk_uri HTTP/1.1\r\nHost: cis2.localhost\r\nConnection: close\r\n\r\n"
		return strings.HasPrefix(answerTo(get), "HTTP/1.1 200")
	}
	tally(t, "O39 requests", honest, map[string]func() bool{
		"100 MB announced":         served(post + "Content-Length: 104857600\r\n\r\ngrant_type=x"),
		"2 MB sent":                served(post + "Content-Length: 2097152\r\n\r\n" + strings.Repeat("a", 2<<20)),
		"two lengths":              served(post + "Content-Length: 3\r\nContent-Length: 30\r\n\r\na=bGET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"length and chunks":        served(staying + "Content-Length: 30\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"chunks, oddly spelt":      served(post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
		"a line feed in a header":  served(post + "X: a\nContent-Length: 5\r\n\r\nabcde"),
		"no host":                  served("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"),
		"a header without an end":  served("GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", 2<<20) + "\r\n\r\n"),
		"an address without end":   served("GET /" + strings.Repeat("a", 2<<20) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
		"a space before the colon": served("GET / HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\nConnection: close\r\n\r\n"),
	})
}

// The rows that other packages answer for have their tests there.
func TestEveryRowHasItsPlace(t *testing.T) {
	page := string(worldtest.Must(os.ReadFile("../../../docs/attacks.md"))(t))
	for n := 1; n <= 45; n++ {
		row := fmt.Sprint("O", n)
		if !strings.Contains(page, "| "+row+" |") {
			t.Errorf("docs/attacks.md does not say where %s is tried", row)
		}
		if slices.Contains(providerRows, row) != strings.Contains(page, "| "+row+" | provider") {
			t.Errorf("docs/attacks.md and the test differ about %s", row)
		}
	}
}

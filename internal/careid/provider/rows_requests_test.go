package provider_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/provider/client"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
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

// Every attack on linking has a row there, with at least one test.
func TestEveryAttackOnLinkingHasItsPlace(t *testing.T) {
	page := string(worldtest.Must(os.ReadFile("../../../docs/attacks.md"))(t))
	for n := 1; n <= 36; n++ {
		row := regexp.MustCompile(fmt.Sprintf(`(?m)^\| L%d \|.*`, n)).FindString(page)
		if !regexp.MustCompile("`[a-z/]+`: Test").MatchString(row) {
			t.Errorf("docs/attacks.md does not say where L%d is tried", n)
		}
	}
}

// The tests that the page names are there.
func TestNamedAttacksAreTried(t *testing.T) {
	page := string(worldtest.Must(os.ReadFile("../../../docs/attacks.md"))(t))
	named := regexp.MustCompile("`([a-z/]+)`: (Test[A-Za-z0-9]+)").FindAllStringSubmatch(page, -1)
	if len(named) < 9 {
		t.Errorf("only %d tests are named: the check would prove nothing", len(named))
	}
	for _, n := range named {
		files := worldtest.Must(filepath.Glob("../../" + n[1] + "/*_test.go"))(t)
		if !slices.ContainsFunc(files, func(file string) bool {
			return strings.Contains(string(worldtest.Must(os.ReadFile(file))(t)), "func "+n[2]+"(t ")
		}) {
			t.Errorf("%s has no %s", n[1], n[2])
		}
	}
}

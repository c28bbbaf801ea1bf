package provider_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/db"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/worldtest"
)

// refusals are why a client was refused, the newest first.
func (w *world) refusals(id string) (list []client.Refusal) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) (err error) {
		list, err = client.Refusals(ctx, r, id)
		return err
	})
	return list
}

// The team of a client reads what was expected and what was received, while the client is told
// "JWT is not valid" and no more (reference, CIS2 Authentication §12).
func TestTheReasonOfEachInvalidClientIsKept(t *testing.T) {
	w := open(t)
	stranger := worldtest.Must(jwt.Generate(jwt.ES256))(t)
	set := func(name string, value any) string { return w.Assertion(func(c map[string]any) { c[name] = value }) }
	with := func(k jwt.Key) string {
		claims := map[string]any{
			"iss": logintest.ClientID, "sub": logintest.ClientID, "aud": logintest.Issuer + "/access_token", "jti": "j",
		}
		claims["exp"] = w.Clock.Now().Unix() + 60
		return worldtest.Must(jwt.Sign(k, "JWT", claims))(t)
	}
	renamed := w.Key
	renamed.ID = "another"
	used := w.Assertion()
	at := func(d time.Duration) string { return w.Clock.Now().Add(d).Format(time.RFC3339) }
	if a := w.Redeem("none", "client_assertion", used); a.Error != "invalid_grant" {
		t.Fatalf("honest twin: %+v", a)
	}
	for name, tt := range map[string]struct{ assertion, want string }{
		"aud without the port":   {set("aud", strings.Replace(logintest.Issuer, ":8080", "", 1)+"/access_token"), `token's aud: expected ["` + logintest.Issuer + `/access_token" "` + logintest.Issuer + `"] alone, received "` + strings.Replace(logintest.Issuer, ":8080", "", 1) + `/access_token"`},
		"iss":                    {set("iss", "api-key"), `token's iss: expected "` + logintest.ClientID + `", received "api-key"`},
		"sub":                    {set("sub", "api-key"), `client_id is "` + logintest.ClientID + `", the assertion's sub is "api-key"`},
		"exp over":               {set("exp", w.Clock.Now().Add(-time.Hour).Unix()), `token's exp: expected a time after ` + at(0) + `, received "` + at(-time.Hour) + `"`},
		"exp too far":            {set("exp", w.Clock.Now().Add(time.Hour).Unix()), `token's exp: expected a time before ` + at(30*time.Minute) + `, received "` + at(time.Hour) + `"`},
		"exp in milliseconds":    {set("exp", w.Clock.Now().UnixMilli()), `token's exp: expected a time before ` + at(30*time.Minute) + `, received "`},
		"no jti":                 {set("jti", ""), `token's jti: expected an id, received none`},
		"jti used before":        {used, `token's jti: expected one that was not used before`},
		"alg":                    {with(stranger), `unexpected signature algorithm "ES256"; expected ["RS512"]`},
		"kid":                    {with(renamed), `no such key: kid "another" for RS512; the set holds "` + w.Key.ID + `" (RS512)`},
		"alg none":               {logintest.Unsigned(map[string]any{"iss": logintest.ClientID, "sub": logintest.ClientID}), `unexpected signature algorithm "none"`},
		"a text that is nothing": {"x", `read token: `},
	} {
		a := w.Redeem("none", "client_assertion", tt.assertion)
		if a.Status != http.StatusUnauthorized || a.ErrorDescription != "JWT is not valid" {
			t.Errorf("%s: the client is told %d %q", name, a.Status, a.ErrorDescription)
		}
		got := w.refusals(logintest.ClientID)[0]
		if got.Place != client.AtToken || got.Code != "invalid_client" || !strings.Contains(got.Reason, tt.want) {
			t.Errorf("%s: kept %q, want %q", name, got.Reason, tt.want)
		}
		w.Clock.Advance(time.Millisecond)
	}
	text := worldtest.Must(json.Marshal(w.refusals(logintest.ClientID)))(t)
	if strings.Contains(string(text), used) || strings.Contains(string(text), "eyJ") {
		t.Error("a token is kept with the reasons")
	}
}

// Strangers who name a client cannot fill the audit, however often they try; what they tried is still counted, and
// the client itself is served.
func TestStrangersLeaveSoManyEvents(t *testing.T) {
	w := open(t)
	const (
		tries     = 230
		maxEvents = 200
	)
	events := func() (n int64) {
		w.View(func(ctx context.Context, r db.R) (err error) {
			n, err = db.Value[int64](ctx, r, `SELECT COUNT(*) FROM event WHERE kind = 'client.refused'`)
			return err
		})
		return n
	}
	if a := w.Redeem("none"); a.Error != "invalid_grant" {
		t.Fatalf("honest twin: %+v", a)
	}
	for range tries {
		if a := w.Redeem("none", "client_assertion", "x"); a.Status != http.StatusUnauthorized {
			t.Fatalf("a stranger was told %d", a.Status)
		}
	}
	if got := events(); got != maxEvents {
		t.Errorf("%d tries left %d events, want %d", tries, got, maxEvents)
	}
	if got := w.refusals(logintest.ClientID); len(got) != 2 || got[0].Code != "invalid_client" ||
		got[0].Times != tries {
		t.Errorf("kept %+v, want the twin's reason, and the strangers' one %d times", got, tries)
	}
	if a := w.Redeem("none"); a.Error != "invalid_grant" {
		t.Errorf("the client itself: %+v", a)
	}
	w.Clock.Advance(time.Hour)
	w.Redeem("none", "client_assertion", "x")
	if got := events(); got != maxEvents+1 {
		t.Errorf("an hour later there are %d events, want %d", got, maxEvents+1)
	}
}

func TestAnUnreachableKeySetIsKeptWithItsStatus(t *testing.T) {
	w := open(t)
	status := http.StatusServiceUnavailable
	keys := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(status)
		if status == http.StatusOK {
			_, _ = rw.Write(worldtest.Must(json.Marshal(jwt.NewSet(w.Key)))(t))
			return
		}
		_, _ = io.WriteString(rw, "we are down")
	}))
	t.Cleanup(keys.Close)
	w.change(func(c *client.Client) {
		c.JWKS = ""
		c.JWKSURI = keys.URL
	})
	w.Redeem("none")
	if got := w.refusals(logintest.ClientID); len(got) == 0 ||
		got[0].Reason != `verify token: key set: fetch `+keys.URL+`: status 503: "we are down"` {
		t.Errorf("kept %+v", got)
	}
	status = http.StatusOK
	w.Clock.Advance(time.Minute)
	if a := w.Redeem("none"); a.Error != "invalid_grant" {
		t.Errorf("honest twin: %+v", a)
	}
}

// change registers the client anew, with a change.
func (w *world) change(change func(c *client.Client)) {
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

func TestTheReasonOfEachRefusedRequestIsKept(t *testing.T) {
	w := open(t)
	w.change(func(c *client.Client) {
		c.Scopes = []string{"openid", "profile"}
		c.AllowedACR = []string{"AAL3_ANY"}
	})
	honest := []string{"client_id", logintest.ClientID, "response_type", "code", "redirect_uri", logintest.Callback,
		"scope", "openid",
		"state", "s", "code_challenge", logintest.ChallengeOf(logintest.Verifier), "code_challenge_method", "S256"}
	ask := func(more ...string) int {
		q := logintest.Values(append(append([]string{}, honest...), more...)...)
		return w.Browser().Get(logintest.Realm + "/authorize?" + q.Encode()).StatusCode
	}
	if status := ask(); status != http.StatusSeeOther || len(w.refusals(logintest.ClientID)) != 0 {
		t.Fatalf("honest twin: %d %+v", status, w.refusals(logintest.ClientID))
	}
	for _, tt := range []struct{ name, value, code, reason string }{
		{"redirect_uri", logintest.Callback + "/", "", `redirect_uri: expected exactly one of ["` + logintest.Callback + `"], received ["` + logintest.Callback + `/"]`},
		{"scope", "openid email", "invalid_scope", `A scope was asked for that this client is not registered for. Received scope ["openid email"]. Registered are openid profile.`},
		{"response_type", "token", "unsupported_response_type", `Only the code flow is supported. Received response_type ["token"].`},
		{"code_challenge_method", "plain", "invalid_request", `The code_challenge_method must be S256. Received code_challenge_method ["plain"].`},
		{"max_age", "5m", "invalid_request", `The max_age must be a number of seconds. Received max_age ["5m"].`},
		{"acr_values", "AAL2_ANY", "invalid_request", `This client is not registered for that class of authentication. Received acr_values ["AAL2_ANY"]. Registered are AAL3_ANY.`},
	} {
		w.Clock.Advance(time.Second)
		ask(tt.name, tt.value)
		got := w.refusals(logintest.ClientID)
		if len(got) == 0 || got[0].Place != client.AtAuthorize || got[0].Code != tt.code || got[0].Reason != tt.reason {
			t.Errorf("%s %s: kept %+v, want %q", tt.name, tt.value, got[:min(1, len(got))], tt.reason)
		}
	}
	before := len(w.refusals(logintest.ClientID))
	w.Browser().Get(logintest.Realm + "/authorize?client_id=999999999999.apps.supplier&redirect_uri=x")
	if len(w.refusals(logintest.ClientID)) != before || len(w.refusals("999999999999.apps.supplier")) != 0 {
		t.Error("a request of no client of ours was kept")
	}
}

func TestTheReasonOfEachRefusedCodeIsKept(t *testing.T) {
	w := open(t)
	for _, tt := range []struct{ name, value, reason string }{
		{"code", "no such code", "no such code"},
		{"grant_type", "password", `grant_type: expected authorization_code, received "password"`},
	} {
		w.Clock.Advance(time.Second)
		w.Redeem("none", tt.name, tt.value)
		if got := w.refusals(logintest.ClientID)[0]; got.Place != client.AtToken || got.Reason != tt.reason {
			t.Errorf("%s: kept %+v", tt.name, got)
		}
	}
	if got := w.refusals(logintest.ClientID)[0]; got.Code != "unsupported_grant_type" {
		t.Errorf("code %q", got.Code)
	}
}

// A team's changes take effect with the next request.
func TestChangesHoldAtOnce(t *testing.T) {
	w := open(t)
	if a := w.Redeem("none"); a.Error != "invalid_grant" {
		t.Fatalf("honest twin: %+v", a)
	}
	w.move(client.Suspend)
	if a := w.Redeem("none"); a.Error != "invalid_client" ||
		w.refusals(logintest.ClientID)[0].Reason != "client "+logintest.ClientID+": it is suspended" {
		t.Errorf("suspended: %+v %+v", a, w.refusals(logintest.ClientID)[0])
	}
	w.move(client.Resume)
	if a := w.Redeem("none"); a.Error != "invalid_grant" {
		t.Errorf("resumed: %+v", a)
	}
	fresh := worldtest.Must(jwt.Generate(jwt.ES256))(t)
	w.change(func(c *client.Client) {
		c.Algorithm = jwt.ES256
		c.JWKS = string(worldtest.Must(json.Marshal(jwt.NewSet(fresh)))(t))
	})
	if a := w.Redeem("none"); a.Error != "invalid_client" {
		t.Errorf("the old key after a change: %+v", a)
	}
	w.Key = fresh
	if a := w.Redeem("none"); a.Error != "invalid_grant" {
		t.Errorf("the new key: %+v", a)
	}
}

// A request that is not a form, or whose secret was not form-encoded, leaves its reason with the client that it names.
func TestTheReasonOfAWrongEncodingIsKept(t *testing.T) {
	const awkward = "a secret+with+plus, and more of it"
	w := open(t)
	w.ByDesk(func(dw *db.W) error {
		c, err := client.ByID(t.Context(), dw, logintest.OtherID)
		if err != nil {
			return err
		}
		c.AuthMethod = client.ClientSecretBasic
		return client.Register(t.Context(), dw, w.Box, c, awkward)
	})
	basic := func(id, secret string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+secret))
	}
	for name, tt := range map[string]struct {
		header, contentType, body string
		client                    string
		status                    int
		want                      string
	}{
		"JSON": {"", "application/json", `{"client_id":"` + logintest.ClientID + `","code":"c"}`, logintest.ClientID, 415,
			`Content-Type: expected application/x-www-form-urlencoded, received "application/json"`},
		"JSON with an assertion": {"", "application/json", `{"client_assertion":"` + w.Assertion() + `"}`,
			logintest.ClientID, 415, "Content-Type: expected"},
		"no content type": {"", "", "client_id=" + logintest.ClientID, logintest.ClientID, 415, "received none"},
		"JSON, secret in the header": {basic(url.QueryEscape(logintest.OtherID), url.QueryEscape(awkward)),
			"application/json; charset=utf-8", "{}", logintest.OtherID, 415, "Content-Type: expected"},
		"a secret that cannot be decoded": {basic(logintest.OtherID, "100%"), "application/x-www-form-urlencoded",
			"token=x", logintest.OtherID, 401, "not form-encoded"},
		"a secret that is another one when decoded": {basic(logintest.OtherID, awkward),
			"application/x-www-form-urlencoded; charset=UTF-8", "token=x", logintest.OtherID, 401, "not form-encoded"},
		"another secret": {basic(logintest.OtherID, "another"), "application/x-www-form-urlencoded", "token=x",
			logintest.OtherID, 401, "the client secret is not right"},
	} {
		r := httptest.NewRequest(http.MethodPost, logintest.Realm+"/introspect", strings.NewReader(tt.body))
		if tt.contentType != "" {
			r.Header.Set("Content-Type", tt.contentType)
		}
		if tt.header != "" {
			r.Header.Set("Authorization", tt.header)
		}
		rec := httptest.NewRecorder()
		w.Site.ServeHTTP(rec, r)
		var answer map[string]string
		worldtest.Check(t, json.Unmarshal(rec.Body.Bytes(), &answer))
		got := w.refusals(tt.client)
		if rec.Code != tt.status || answer["error"] != "invalid_client" || len(got) == 0 ||
			!strings.Contains(got[0].Reason, tt.want) {
			t.Errorf("%s: %d %v, kept %+v", name, rec.Code, answer, got)
		}
		w.Clock.Advance(time.Millisecond)
	}
}

// Nothing was presented, so there is nothing to call an error (RFC 6750 §3.1).
func TestUserInfoWithoutAToken(t *testing.T) {
	w := open(t)
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		res := w.Browser().Do(method, logintest.Realm+"/userinfo", nil)
		challenge := res.Header.Get("WWW-Authenticate")
		if res.StatusCode != 401 || challenge != `Bearer realm="userinfo"` ||
			strings.Contains(logintest.Text(res), "error") {
			t.Errorf("%s: %d, challenge %q", method, res.StatusCode, challenge)
		}
	}
}

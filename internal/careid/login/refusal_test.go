package login_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/db"
	"signpost/internal/platform/jwt"
)

// refusals are why a client was refused, the newest first.
func (w *world) refusals(id string) (list []client.Refusal) {
	w.t.Helper()
	w.view(func(ctx context.Context, r db.R) (err error) {
		list, err = client.Refusals(ctx, r, id)
		return err
	})
	return list
}

// The team of a client reads what was expected and what was received, while the client is told
// "JWT is not valid" and no more (reference, CIS2 Authentication §12).
func TestTheReasonOfEachInvalidClientIsKept(t *testing.T) {
	w := open(t)
	stranger := must(jwt.Generate(jwt.ES256))(t)
	set := func(name string, value any) string { return w.assertion(func(c map[string]any) { c[name] = value }) }
	with := func(k jwt.Key) string {
		claims := map[string]any{"iss": clientID, "sub": clientID, "aud": issuer + "/access_token", "jti": "j"}
		claims["exp"] = w.clock.Now().Unix() + 60
		return must(jwt.Sign(k, "JWT", claims))(t)
	}
	renamed := w.key
	renamed.ID = "another"
	used := w.assertion()
	at := func(d time.Duration) string { return w.clock.Now().Add(d).Format(time.RFC3339) }
	if a := w.redeem("none", "client_assertion", used); a.Error != "invalid_grant" {
		t.Fatalf("honest twin: %+v", a)
	}
	for name, tt := range map[string]struct{ assertion, want string }{
		"aud without the port":   {set("aud", strings.Replace(issuer, ":8080", "", 1)+"/access_token"), `token's aud: expected ["` + issuer + `/access_token" "` + issuer + `"] as one string, received "` + strings.Replace(issuer, ":8080", "", 1) + `/access_token"`},
		"iss":                    {set("iss", "api-key"), `token's iss: expected "` + clientID + `", received "api-key"`},
		"sub":                    {set("sub", "api-key"), `client_id is "` + clientID + `", the assertion's sub is "api-key"`},
		"exp over":               {set("exp", w.clock.Now().Add(-time.Hour).Unix()), `token's exp: expected a time after ` + at(0) + `, received "` + at(-time.Hour) + `"`},
		"exp too far":            {set("exp", w.clock.Now().Add(time.Hour).Unix()), `token's exp: expected a time before ` + at(5*time.Minute) + `, received "` + at(time.Hour) + `"`},
		"exp in milliseconds":    {set("exp", w.clock.Now().UnixMilli()), `token's exp: expected a time before ` + at(5*time.Minute) + `, received "`},
		"no jti":                 {set("jti", ""), `token's jti: expected an id, received none`},
		"jti used before":        {used, `token's jti: expected one that was not used before`},
		"alg":                    {with(stranger), `unexpected signature algorithm "ES256"; expected ["RS512"]`},
		"kid":                    {with(renamed), `no such key: kid "another" for RS512; the set holds "` + w.key.ID + `" (RS512)`},
		"alg none":               {unsigned(map[string]any{"iss": clientID, "sub": clientID}), `unexpected signature algorithm "none"`},
		"a text that is nothing": {"x", `read token: `},
	} {
		a := w.redeem("none", "client_assertion", tt.assertion)
		if a.status != http.StatusUnauthorized || a.ErrorDescription != "JWT is not valid" {
			t.Errorf("%s: the client is told %d %q", name, a.status, a.ErrorDescription)
		}
		got := w.refusals(clientID)[0]
		if got.Place != client.AtToken || got.Code != "invalid_client" || !strings.Contains(got.Reason, tt.want) {
			t.Errorf("%s: kept %q, want %q", name, got.Reason, tt.want)
		}
		w.clock.Advance(time.Millisecond)
	}
	text := must(json.Marshal(w.refusals(clientID)))(t)
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
		w.view(func(ctx context.Context, r db.R) (err error) {
			n, err = db.Value[int64](ctx, r, `SELECT COUNT(*) FROM event WHERE kind = 'client.refused'`)
			return err
		})
		return n
	}
	if a := w.redeem("none"); a.Error != "invalid_grant" {
		t.Fatalf("honest twin: %+v", a)
	}
	for range tries {
		if a := w.redeem("none", "client_assertion", "x"); a.status != http.StatusUnauthorized {
			t.Fatalf("a stranger was told %d", a.status)
		}
	}
	if got := events(); got != maxEvents {
		t.Errorf("%d tries left %d events, want %d", tries, got, maxEvents)
	}
	if got := w.refusals(clientID); len(got) != 2 || got[0].Code != "invalid_client" || got[0].Times != tries {
		t.Errorf("kept %+v, want the twin's reason, and the strangers' one %d times", got, tries)
	}
	if a := w.redeem("none"); a.Error != "invalid_grant" {
		t.Errorf("the client itself: %+v", a)
	}
	w.clock.Advance(time.Hour)
	w.redeem("none", "client_assertion", "x")
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
			_, _ = rw.Write(must(json.Marshal(jwt.NewSet(w.key)))(t))
			return
		}
		_, _ = io.WriteString(rw, "we are down")
	}))
	t.Cleanup(keys.Close)
	w.change(func(c *client.Client) {
		c.JWKS = ""
		c.JWKSURI = keys.URL
	})
	w.redeem("none")
	if got := w.refusals(clientID); len(got) == 0 ||
		got[0].Reason != `verify token: key set: fetch `+keys.URL+`: status 503: "we are down"` {
		t.Errorf("kept %+v", got)
	}
	status = http.StatusOK
	w.clock.Advance(time.Minute)
	if a := w.redeem("none"); a.Error != "invalid_grant" {
		t.Errorf("honest twin: %+v", a)
	}
}

// change registers the client anew, with a change.
func (w *world) change(change func(c *client.Client)) {
	w.t.Helper()
	w.update(func(dw *db.W) error {
		c, err := client.ByID(w.t.Context(), dw, clientID)
		if err != nil {
			return err
		}
		change(&c)
		return client.Register(w.t.Context(), dw, w.box, c, "")
	})
}

func TestTheReasonOfEachRefusedRequestIsKept(t *testing.T) {
	w := open(t)
	w.change(func(c *client.Client) {
		c.Scopes = []string{"openid", "profile"}
		c.AllowedACR = []string{"AAL3_ANY"}
	})
	honest := []string{"client_id", clientID, "response_type", "code", "redirect_uri", callback, "scope", "openid",
		"state", "s", "code_challenge", challengeOf(verifier), "code_challenge_method", "S256"}
	ask := func(more ...string) int {
		q := values(append(append([]string{}, honest...), more...)...)
		return w.browser().get(realm + "/authorize?" + q.Encode()).StatusCode
	}
	if status := ask(); status != http.StatusSeeOther || len(w.refusals(clientID)) != 0 {
		t.Fatalf("honest twin: %d %+v", status, w.refusals(clientID))
	}
	for _, tt := range []struct{ name, value, code, reason string }{
		{"redirect_uri", callback + "/", "", `redirect_uri: expected exactly one of ["` + callback + `"], received ["` + callback + `/"]`},
		{"scope", "openid email", "invalid_scope", `A scope was asked for that this client is not registered for. Received scope ["openid email"]. Registered are openid profile.`},
		{"response_type", "token", "unsupported_response_type", `Only the code flow is supported. Received response_type ["token"].`},
		{"code_challenge_method", "plain", "invalid_request", `The code_challenge_method must be S256. Received code_challenge_method ["plain"].`},
		{"max_age", "5m", "invalid_request", `The max_age must be a number of seconds. Received max_age ["5m"].`},
		{"acr_values", "AAL2_ANY", "invalid_request", `This client is not registered for that class of authentication. Received acr_values ["AAL2_ANY"]. Registered are AAL3_ANY.`},
	} {
		w.clock.Advance(time.Second)
		ask(tt.name, tt.value)
		got := w.refusals(clientID)
		if len(got) == 0 || got[0].Place != client.AtAuthorize || got[0].Code != tt.code || got[0].Reason != tt.reason {
			t.Errorf("%s %s: kept %+v, want %q", tt.name, tt.value, got[:min(1, len(got))], tt.reason)
		}
	}
	before := len(w.refusals(clientID))
	w.browser().get(realm + "/authorize?client_id=999999999999.apps.supplier&redirect_uri=x")
	if len(w.refusals(clientID)) != before || len(w.refusals("999999999999.apps.supplier")) != 0 {
		t.Error("a request of no client of ours was kept")
	}
}

func TestTheReasonOfEachRefusedCodeIsKept(t *testing.T) {
	w := open(t)
	for _, tt := range []struct{ name, value, reason string }{
		{"code", "no such code", "no such code"},
		{"grant_type", "password", `grant_type: expected authorization_code, received "password"`},
	} {
		w.clock.Advance(time.Second)
		w.redeem("none", tt.name, tt.value)
		if got := w.refusals(clientID)[0]; got.Place != client.AtToken || got.Reason != tt.reason {
			t.Errorf("%s: kept %+v", tt.name, got)
		}
	}
	if got := w.refusals(clientID)[0]; got.Code != "unsupported_grant_type" {
		t.Errorf("code %q", got.Code)
	}
}

// A team's changes take effect with the next request.
func TestChangesHoldAtOnce(t *testing.T) {
	w := open(t)
	if a := w.redeem("none"); a.Error != "invalid_grant" {
		t.Fatalf("honest twin: %+v", a)
	}
	w.change(func(c *client.Client) { c.Active = false })
	if a := w.redeem("none"); a.Error != "invalid_client" ||
		w.refusals(clientID)[0].Reason != "client "+clientID+": it is suspended" {
		t.Errorf("suspended: %+v %+v", a, w.refusals(clientID)[0])
	}
	w.change(func(c *client.Client) { c.Active = true })
	if a := w.redeem("none"); a.Error != "invalid_grant" {
		t.Errorf("resumed: %+v", a)
	}
	fresh := must(jwt.Generate(jwt.ES256))(t)
	w.change(func(c *client.Client) {
		c.Algorithm = jwt.ES256
		c.JWKS = string(must(json.Marshal(jwt.NewSet(fresh)))(t))
	})
	if a := w.redeem("none"); a.Error != "invalid_client" {
		t.Errorf("the old key after a change: %+v", a)
	}
	w.key = fresh
	if a := w.redeem("none"); a.Error != "invalid_grant" {
		t.Errorf("the new key: %+v", a)
	}
}

package provider_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/provider/client"
	"signpost/internal/national/authn"
	"signpost/internal/platform/worldtest"
)

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

package provider_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/worldtest"
)

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

// O39: requests that are too large, or that two servers would read differently. Those whose end is in doubt end their
// connection: internal/app holds that, at each of the addresses that a node listens at.
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
	post := "POST " + logintest.Realm + "/access_token HTTP/1.1\r\nHost: cis2.localhost\r\nConnection: close\r\n" +
		"Content-Type: application/x-www-form-urlencoded\r\n"
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
		"chunks, oddly spelt":      served(post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
		"a line feed in a header":  served(post + "X: a\nContent-Length: 5\r\n\r\nabcde"),
		"no host":                  served("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"),
		"a header without an end":  served("GET / HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", 2<<20) + "\r\n\r\n"),
		"an address without end":   served("GET /" + strings.Repeat("a", 2<<20) + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
		"a space before the colon": served("GET / HTTP/1.1\r\nHost: x\r\nContent-Length : 5\r\nConnection: close\r\n\r\n"),
	})
}

// Package relyingtest starts an OpenID Connect provider for tests of sites that sign people in with package relying.
// It answers correctly and is strict with its clients, unless Alter changes an answer.
package relyingtest

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/jwt/jwttest"
	"signpost/internal/platform/relying/issuer"
)

// Issuer is a provider whose server ends with the test. Its fields may be changed between sign-ins.
type Issuer struct{ *issuer.Issuer }

// Client is a client the issuer knows.
type Client = issuer.Client

// Person is who signs in at the issuer.
type Person = issuer.Person

// Script says how the issuer answers.
type Script = issuer.Script

// Alter changes the issuer's answers.
type Alter = issuer.Alter

// Ada gives a person who meets every requirement: she may use the Directory of Services.
func Ada() Person { return issuer.Ada() }

// New starts an issuer with the clock. Ada signs in unless the test sets somebody else.
func New(t testing.TB, c clock.Clock) *Issuer {
	t.Helper()
	server := httptest.NewUnstartedServer(nil)
	made := issuer.New("http://"+server.Listener.Addr().String(), jwttest.Key(t, "issuer", jwt.RS256), c)
	made.Strict = true
	server.Config.Handler = made.Handler()
	server.Start()
	t.Cleanup(server.Close)
	return &Issuer{made}
}

// Fetch gives an HTTP client that reaches the issuer.
func Fetch() *fetch.Client { return fetch.New(fetch.Options{AllowLoopback: true}) }

// SignIn acts as the browser: it opens the address that Start gave and returns the parameters with which the issuer
// sends it back.
func (i *Issuer) SignIn(t testing.TB, address string) url.Values {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := Fetch().HTTP().Transport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	back, err := res.Location()
	if err != nil {
		t.Fatalf("the issuer did not send the browser back: status %d", res.StatusCode)
	}
	return back.Query()
}

// LogoutToken makes a back-channel logout token about a session; change, if not nil, alters its claims.
func (i *Issuer) LogoutToken(t testing.TB, clientID, subject, sid string, change func(map[string]any)) string {
	t.Helper()
	token, err := i.Issuer.LogoutToken(clientID, subject, sid, change)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// Package relyingtest is a provider of OpenID Connect for tests of whoever signs people in with
// package relying. It is honest, and strict with its clients, until it is told to lie: Alter changes
// any of its answers. It behaves like CIS2 where that is known, and knows nothing of authenticators.
package relyingtest

import (
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
)

// path is where the issuer stands on its server. CIS2's has a path too.
const path = "/openam/oauth2/realms/root/realms/NHSIdentity/realms/Healthcare"

// Issuer is a provider. Its fields may be changed between sign-ins.
type Issuer struct {
	Name   string  // what it calls itself; its address unless changed
	Key    jwt.Key // signs its tokens
	Person Person  // who signs in next
	Alter  Alter   // what it says otherwise than it should

	base    string
	clock   clock.Clock
	server  *httptest.Server
	mu      sync.Mutex
	clients map[string]Client
	codes   map[string]grant
	access  map[string]Person
	reads   map[string]int
}

// Client is a relying party that the issuer knows.
type Client struct {
	ID, RedirectURI string
	Keys            jwt.Set // for private_key_jwt
	Secret          string  // for client_secret_post
}

// Person is somebody who signs in.
type Person struct {
	Subject, SID                       string
	Name, GivenName, FamilyName, Email string
	EmailVerified                      any       // left out if nil
	AuthenticationLevel, IdentityLevel any       // "3" as CIS2 writes it, or 3
	AuthTime                           time.Time // now if zero
	AMR                                []string
	SelectedRoleID                     string
	Roles, Orgs                        any
}

// Alter changes answers. Each function that is set is given the honest answer to change.
type Alter struct {
	Metadata func(map[string]any)
	Keys     func(jwt.Set) any
	Callback func(map[string][]string)
	Token    func(map[string]any)                // the token endpoint's answer
	Refuse   string                              // the token endpoint's error
	IDToken  func(map[string]any)                // its claims
	Sign     func(typ string, claims any) string // in place of signing with Key
	UserInfo func(map[string]any)
}

// Ada is somebody whom nothing is wrong with: she may use the Directory of Services.
func Ada() Person {
	return Person{
		Subject: "500000000017", SID: "session-of-ada", Name: "Ada Example", GivenName: "Ada", FamilyName: "Example",
		Email: "ada@example.nhs.uk", EmailVerified: true, AuthenticationLevel: "3", IdentityLevel: "3",
		AMR: []string{"FIDO2"}, SelectedRoleID: "500000000033",
		Orgs: []map[string]any{{"org_code": "Z99Z9", "org_name": "EXAMPLE SURGERY"}},
		Roles: []map[string]any{{
			"person_orgid": "500000000025", "person_roleid": "500000000033", "org_code": "Z99Z9",
			"role_name": `"Admin and Clerical":"Admin and Clerical":"Admin/Clinical Support Access Role"`,
			"role_code": "S8002:G8003:R8008", "activities": []string{"Access Directory of Services"}, "activity_codes": []string{"B0166"},
		}},
	}
}

// New starts an issuer with the clock; it ends with the test. Ada signs in unless somebody else is set.
func New(t testing.TB, c clock.Clock) *Issuer {
	t.Helper()
	key, err := jwt.Generate(jwt.RS256)
	if err != nil {
		t.Fatal(err)
	}
	i := &Issuer{
		Key: key, Person: Ada(), clock: c,
		clients: map[string]Client{}, codes: map[string]grant{}, access: map[string]Person{}, reads: map[string]int{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+path+"/.well-known/openid-configuration", i.metadata)
	mux.HandleFunc("GET "+path+"/connect/jwk_uri", i.keys)
	mux.HandleFunc("GET "+path+"/authorize", i.authorize)
	mux.HandleFunc("POST "+path+"/access_token", i.token)
	mux.HandleFunc("GET "+path+"/userinfo", i.userInfo)
	i.server = httptest.NewServer(mux)
	t.Cleanup(i.server.Close)
	i.base = i.server.URL + path
	i.Name = i.base
	return i
}

// DiscoveryURL is where its metadata is.
func (i *Issuer) DiscoveryURL() string { return i.base + "/.well-known/openid-configuration" }

// Register makes a client known.
func (i *Issuer) Register(c Client) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.clients[c.ID] = c
}

// Reads is how often its metadata ("metadata") or its keys ("keys") were read.
func (i *Issuer) Reads(what string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.reads[what]
}

// Fetch is a client that reaches the issuer.
func Fetch() *fetch.Client { return fetch.New(fetch.Options{AllowLoopback: true}) }

// sign signs claims, or has Alter do it.
func (i *Issuer) sign(typ string, claims map[string]any) (string, error) {
	if i.Alter.Sign != nil {
		return i.Alter.Sign(typ, claims), nil
	}
	return jwt.Sign(i.Key, typ, claims)
}

// LogoutToken is a back-channel logout token about a session, changed by change if that is not nil.
func (i *Issuer) LogoutToken(t testing.TB, clientID, subject, sid string, change func(map[string]any)) string {
	t.Helper()
	now := i.clock.Now()
	claims := map[string]any{
		"iss": i.Name, "aud": clientID, "sub": subject, "sid": sid, "jti": random.ID(),
		"iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(),
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	}
	if change != nil {
		change(claims)
	}
	token, err := i.sign("logout+jwt", claims)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

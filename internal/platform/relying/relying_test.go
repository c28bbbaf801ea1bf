package relying_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/jwt/jwttest"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/relying/relyingtest"
)

const (
	clientID = "123456789012.apps.national"
	callback = "http://dos.localhost:8080/signin/callback"
)

var noon = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

// meeting holds one client and one issuer that know each other.
type meeting struct {
	issuer *relyingtest.Issuer
	client *relying.Client
	clock  *clocktest.Manual
	config relying.Config
}

func meet(t testing.TB, change func(*relying.Config)) *meeting {
	t.Helper()
	m := &meeting{clock: clocktest.At(noon)}
	m.issuer = relyingtest.New(t, m.clock)
	key := jwttest.Key(t, "client", jwt.RS512)
	m.config = relying.Config{
		Issuer: m.issuer.Name, DiscoveryURL: m.issuer.DiscoveryURL(), ClientID: clientID, RedirectURI: callback,
		PostLogoutURI: "http://dos.localhost:8080/signed-out", Auth: relying.Auth{Key: key},
		Scopes: []string{"profile", "email"},
		ACR:    []string{"AAL2_OR_AAL3_ANY"}, Prompt: "login",
		Fetch: relyingtest.Fetch(), Clock: m.clock,
	}
	if change != nil {
		change(&m.config)
	}
	m.newClient(t)
	m.issuer.Register(relyingtest.Client{
		ID: clientID, RedirectURI: callback, Keys: m.client.JWKS(), Secret: m.config.Auth.Secret,
	})
	return m
}

// newClient makes a new client, which has not read the provider's metadata yet.
func (m *meeting) newClient(t testing.TB) {
	t.Helper()
	client, err := relying.New(m.config)
	if err != nil {
		t.Fatal(err)
	}
	m.client = client
}

func (m *meeting) start(t *testing.T, ask relying.Ask) (url.Values, relying.Pending) {
	t.Helper()
	address, pending, err := m.client.Start(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	return m.issuer.SignIn(t, address), pending
}

func (m *meeting) signIn(t *testing.T) (relying.Answer, error) {
	t.Helper()
	back, pending := m.start(t, relying.Ask{})
	return m.client.Redeem(t.Context(), pending, back)
}

func TestSignIn(t *testing.T) {
	m := meet(t, nil)
	got, err := m.signIn(t)
	if err != nil {
		t.Fatal(err)
	}
	if got.IDToken == "" {
		t.Error("no ID token for signing out with")
	}
	for name, part := range map[string][]byte{"ID token": got.Claims, "userinfo": got.UserInfo} {
		var claims map[string]any
		if err := json.Unmarshal(part, &claims); err != nil || claims["sub"] != "500000000017" {
			t.Errorf("%s: %s, %v", name, part, err)
		}
	}
}

func TestSignInInTheWaysThatProvidersDiffer(t *testing.T) {
	tests := map[string]struct {
		config func(*relying.Config)
		issuer func(*relyingtest.Issuer)
	}{
		"client secret": {config: func(c *relying.Config) {
			c.Auth = relying.Auth{Secret: "a secret of the client"}
		}},
		"assertion for the issuer": {config: func(c *relying.Config) { c.Auth.Audience = c.Issuer }},
		"no at_hash": {issuer: func(i *relyingtest.Issuer) {
			i.Alter.IDToken = func(c map[string]any) { delete(c, "at_hash") }
		}},
		"no iss in the answer, and none promised": {issuer: func(i *relyingtest.Issuer) {
			i.Alter.Metadata = func(m map[string]any) { delete(m, "authorization_response_iss_parameter_supported") }
			i.Alter.Callback = func(q map[string][]string) { delete(q, "iss") }
		}},
		"a clock a little behind": {issuer: func(i *relyingtest.Issuer) {
			i.Person.AuthTime = noon.Add(-50 * time.Second)
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			m := meet(t, tt.config)
			if tt.issuer != nil {
				tt.issuer(m.issuer)
			}
			if _, err := m.signIn(t); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestIssuerWithPortInItsName(t *testing.T) {
	m := meet(t, nil)
	m.issuer.Name = "https://am.example:443/openam/oauth2/realms/root"
	if _, _, err := m.client.Start(t.Context(), relying.Ask{}); !errors.Is(err, relying.Unreachable) {
		t.Fatalf("metadata of another issuer: %v", err)
	}
	m.config.Issuer = m.issuer.Name
	m.newClient(t)
	if _, err := m.signIn(t); err != nil {
		t.Error(err)
	}
}

func TestStart(t *testing.T) {
	m := meet(t, nil)
	address, pending, err := m.client.Start(t.Context(), relying.Ask{
		Scopes: []string{"profile", "changedrole"}, ACR: []string{"AAL3_ANY"}, MaxAge: 5 * time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	u, _ := url.Parse(address)
	q := u.Query()
	for name, want := range map[string]string{
		"response_type": "code", "client_id": clientID, "redirect_uri": callback, "scope": "openid profile changedrole",
		"acr_values": "AAL3_ANY", "prompt": "login", "max_age": "300", "state": pending.State, "nonce": pending.Nonce,
		"code_challenge_method": "S256",
	} {
		if q.Get(name) != want {
			t.Errorf("%s = %q, want %q", name, q.Get(name), want)
		}
	}
	text, _ := json.Marshal(pending)
	var again relying.Pending
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(pending, again); diff != "" {
		t.Errorf("stored and read again (-before +after):\n%s", diff)
	}
}

func TestProviderDown(t *testing.T) {
	m := meet(t, nil)
	m.config.DiscoveryURL = "http://127.0.0.1:1/.well-known/openid-configuration"
	m.newClient(t)
	_, _, err := m.client.Start(t.Context(), relying.Ask{})
	if !errors.Is(err, relying.Unreachable) || !errors.Is(err, fault.Unavailable) {
		t.Errorf("provider down: %v", err)
	}
}

func TestMetadataIsReadSeldomAndSurvivesAShortOutage(t *testing.T) {
	m := meet(t, nil)
	for range 5 {
		if _, err := m.signIn(t); err != nil {
			t.Fatal(err)
		}
	}
	if n := m.issuer.Reads("metadata"); n != 1 {
		t.Errorf("five sign-ins read the metadata %d times", n)
	}
	m.clock.Advance(40 * time.Minute)
	m.issuer.Alter.Metadata = func(d map[string]any) { delete(d, "token_endpoint") }
	if _, err := m.signIn(t); err != nil {
		t.Errorf("broken metadata within the hour: %v", err)
	}
	m.clock.Advance(21 * time.Minute)
	if _, _, err := m.client.Start(t.Context(), relying.Ask{}); !errors.Is(err, relying.Unreachable) {
		t.Errorf("broken metadata after an hour: %v", err)
	}
}

func TestProviderChangesItsKey(t *testing.T) {
	m := meet(t, nil)
	if _, err := m.signIn(t); err != nil {
		t.Fatal(err)
	}
	key, err := jwt.Generate(jwt.ES256)
	if err != nil {
		t.Fatal(err)
	}
	m.issuer.Key = key
	m.clock.Advance(time.Minute)
	if _, err := m.signIn(t); err != nil {
		t.Errorf("a new key a minute later: %v", err)
	}
}

func TestNewRefusesWhatIsIncomplete(t *testing.T) {
	m := meet(t, nil)
	for name, change := range map[string]func(*relying.Config){
		"no issuer": func(c *relying.Config) {
			c.Issuer = ""
			c.DiscoveryURL = ""
		},
		"no client id":      func(c *relying.Config) { c.ClientID = "" },
		"no redirect URI":   func(c *relying.Config) { c.RedirectURI = "" },
		"key and secret":    func(c *relying.Config) { c.Auth.Secret = "x" },
		"no key, no secret": func(c *relying.Config) { c.Auth = relying.Auth{} },
		"no clock":          func(c *relying.Config) { c.Clock = nil },
	} {
		c := m.config
		change(&c)
		if _, err := relying.New(c); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

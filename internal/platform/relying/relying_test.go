package relying_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"signpost/internal/platform/clock"
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

// meeting is one client and one issuer that know each other.
type meeting struct {
	issuer *relyingtest.Issuer
	client *relying.Client
	clock  *clock.Manual
	config relying.Config
}

func meet(t *testing.T, change func(*relying.Config)) *meeting {
	t.Helper()
	m := &meeting{clock: clock.At(noon)}
	m.issuer = relyingtest.New(t, m.clock)
	key := jwttest.Key(t, "client", jwt.RS512)
	m.config = relying.Config{
		Issuer: m.issuer.Name, DiscoveryURL: m.issuer.DiscoveryURL(), ClientID: clientID, RedirectURI: callback,
		PostLogoutURI: "http://dos.localhost:8080/signed-out", Auth: relying.Auth{Key: key},
		Scopes: []string{"profile", "email", "nationalrbacaccess", "associatedorgs", "selectedrole"},
		ACR:    []string{"AAL2_OR_AAL3_ANY"}, Prompt: "login", LeastIdentity: 3, LeastAuthentication: 2,
		Fetch: relyingtest.Fetch(), Clock: m.clock,
	}
	if change != nil {
		change(&m.config)
	}
	m.remake(t)
	m.issuer.Register(relyingtest.Client{
		ID: clientID, RedirectURI: callback, Keys: m.client.JWKS(), Secret: m.config.Auth.Secret,
	})
	return m
}

// remake makes the client anew, with nothing read yet.
func (m *meeting) remake(t *testing.T) {
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

func (m *meeting) signIn(t *testing.T) (relying.Person, error) {
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
	got.IDToken = ""
	want := relying.Person{
		Issuer: m.issuer.Name, Subject: "500000000017", SID: "session-of-ada", AuthTime: noon,
		ACR: "AAL2_OR_AAL3_ANY", AMR: []string{"FIDO2"}, AuthenticationLevel: 3, IdentityLevel: 3,
		Name: "Ada Example", GivenName: "Ada", FamilyName: "Example",
		Email: "ada@example.nhs.uk", EmailProof: &relying.EmailProof{}, SelectedRoleID: "500000000033",
		Roles: []relying.Role{{
			OrgCode: "Z99Z9", OrgName: "EXAMPLE SURGERY", RoleID: "500000000033", PersonOrgID: "500000000025",
			RoleCode: "S8002:G8003:R8008", RoleName: `"Admin and Clerical":"Admin and Clerical":"Admin/Clinical Support Access Role"`,
			Activities: []string{"Access Directory of Services"}, ActivityCodes: []string{"B0166"},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("person (-want +got):\n%s", diff)
	}
	role, ok := got.SelectedRole()
	if !ok || role.JobRole() != "Admin/Clinical Support Access Role" {
		t.Errorf("selected role %q, %v", role.JobRole(), ok)
	}
}

func TestSignInInTheWaysThatProvidersDiffer(t *testing.T) {
	tests := map[string]struct {
		config func(*relying.Config)
		issuer func(*relyingtest.Issuer)
		check  func(relying.Person) bool
	}{
		"client secret":            {config: func(c *relying.Config) { c.Auth = relying.Auth{Secret: "a secret of the client"} }},
		"assertion for the issuer": {config: func(c *relying.Config) { c.Auth.Audience = c.Issuer }},
		"levels as numbers": {issuer: func(i *relyingtest.Issuer) {
			i.Person.AuthenticationLevel, i.Person.IdentityLevel = 2, 3
		}, check: func(p relying.Person) bool { return p.AuthenticationLevel == 2 && p.IdentityLevel == 3 }},
		"a bare role in place of a list": {issuer: func(i *relyingtest.Issuer) {
			i.Person.Roles = map[string]any{"person_roleid": "1", "org_code": "Z99Z9", "activity_codes": "B0166"}
			i.Person.Orgs = map[string]any{"org_code": "Z99Z9", "org_name": "EXAMPLE SURGERY"}
		}, check: func(p relying.Person) bool {
			return len(p.Roles) == 1 && p.Roles[0].OrgName == "EXAMPLE SURGERY" && p.Roles[0].ActivityCodes[0] == "B0166"
		}},
		"no role, none selected, no email": {issuer: func(i *relyingtest.Issuer) {
			i.Person.Roles, i.Person.Orgs, i.Person.SelectedRoleID = nil, nil, ""
			i.Alter.UserInfo = func(u map[string]any) { delete(u, "email") }
		}, check: func(p relying.Person) bool {
			_, selected := p.SelectedRole()
			return len(p.Roles) == 0 && !selected && p.Email == "" && p.EmailProof == nil
		}},
		"no acr, but a level": {issuer: func(i *relyingtest.Issuer) {
			i.Alter.IDToken = func(c map[string]any) { delete(c, "acr") }
		}},
		"identity level in userinfo only": {issuer: func(i *relyingtest.Issuer) {
			i.Alter.IDToken = func(c map[string]any) { delete(c, "id_assurance_level") }
		}},
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
			p, err := m.signIn(t)
			if err != nil {
				t.Fatal(err)
			}
			if tt.check != nil && !tt.check(p) {
				t.Errorf("person %+v", p)
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
	m.remake(t)
	if p, err := m.signIn(t); err != nil || p.Issuer != m.issuer.Name {
		t.Errorf("issuer %q, %v", p.Issuer, err)
	}
}

func TestOnlyTrueProvesAnEmailAddress(t *testing.T) {
	m := meet(t, nil)
	for _, tt := range []struct {
		value any
		proof bool
	}{{true, true}, {false, false}, {nil, false}, {"true", false}, {1, false}} {
		m.issuer.Person.EmailVerified = tt.value
		p, err := m.signIn(t)
		if err != nil {
			t.Fatal(err)
		}
		if (p.EmailProof != nil) != tt.proof {
			t.Errorf("email_verified %#v: proof %v, want %v", tt.value, p.EmailProof, tt.proof)
		}
	}
	m.issuer.Person.EmailVerified = true
	m.issuer.Alter.UserInfo = func(u map[string]any) {
		u["email_verified_at"], u["email_verified_method"] = noon.Unix(), "mailed-code"
	}
	p, err := m.signIn(t)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&relying.EmailProof{At: noon, Method: "mailed-code"}, p.EmailProof); diff != "" {
		t.Error(diff)
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
	m.remake(t)
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
		"no issuer":         func(c *relying.Config) { c.Issuer, c.DiscoveryURL = "", "" },
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

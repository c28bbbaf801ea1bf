package portal_test

import (
	"errors"
	"net/url"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/portal"
	"signpost/internal/platform/relying"
	"signpost/internal/platform/relying/relyingtest"
)

const (
	clientID = "123456789012.apps.national"
	callback = "http://dos.localhost:8080/signin/callback"
)

var noon = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

// meeting is a site's CIS2 and the issuer that plays it.
type meeting struct {
	issuer *relyingtest.Issuer
	cis2   *portal.CIS2
}

func meet(t *testing.T) *meeting {
	t.Helper()
	now := clocktest.At(noon)
	i := relyingtest.New(t, now)
	key, err := jwt.Generate(jwt.ES256)
	if err != nil {
		t.Fatal(err)
	}
	client, err := relying.New(relying.Config{
		Issuer:      i.Name,
		ClientID:    clientID,
		RedirectURI: callback, PostLogoutURI: "http://dos.localhost:8080/signed-out",
		Auth:   relying.Auth{Key: key},
		Scopes: []string{cis2.Profile, cis2.Email, cis2.Roles, cis2.SelectedRole},
		ACR:    []string{authn.AAL2OrAAL3Any.Name()},
		Fetch:  relyingtest.Fetch(),
		Clock:  now,
	})
	if err != nil {
		t.Fatal(err)
	}
	i.Register(relyingtest.Client{ID: clientID, RedirectURI: callback, Keys: client.JWKS()})
	return &meeting{issuer: i, cis2: &portal.CIS2{Client: client, Minimum: cis2.Levels{Authentication: 2, Identity: 3}}}
}

// redeem signs the issuer's person in; change may alter the parameters with which the browser comes back.
func (m *meeting) redeem(t *testing.T, ask relying.Ask, change func(url.Values)) (cis2.Person, error) {
	t.Helper()
	address, pending, err := m.cis2.Start(t.Context(), ask)
	if err != nil {
		t.Fatal(err)
	}
	back := m.issuer.SignIn(t, address)
	change(back)
	came, err := m.cis2.Redeem(t.Context(), pending, back)
	return came.Person, err
}

func (m *meeting) signIn(t *testing.T, ask relying.Ask) (cis2.Person, error) {
	t.Helper()
	return m.redeem(t, ask, func(url.Values) {})
}

func TestPerson(t *testing.T) {
	m := meet(t)
	got, err := m.signIn(t, relying.Ask{})
	if err != nil {
		t.Fatal(err)
	}
	want := cis2.Person{
		Issuer: m.issuer.Name, Subject: "500000000017", SID: "session-of-ada",
		AuthTime: got.AuthTime, // of the clock of this machine
		ACR:      "AAL2_OR_AAL3_ANY", AMR: []string{"FIDO2"}, AuthenticationLevel: "3", IdentityLevel: 3,
		Name: "Ada Example", GivenName: "Ada", FamilyName: "Example", Email: "ada@example.nhs.uk", EmailVerified: true, SelectedRoleID: "500000000033",
		Organisations: []cis2.Organisation{{Name: "EXAMPLE SURGERY", Code: "Z99Z9"}},
		Roles: []cis2.NationalRole{{
			OrgCode:       "Z99Z9",
			PersonRoleID:  "500000000033",
			PersonOrgID:   "500000000025",
			RoleCode:      "S8002:G8003:R8008",
			RoleName:      `"Admin and Clerical":"Admin and Clerical":"Admin/Clinical Support Access Role"`,
			Activities:    []string{"Access Directory of Services"},
			ActivityCodes: []string{"B0166"},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("person (-want +got):\n%s", diff)
	}
	if role, ok := got.SelectedRole(); !ok || role.RoleCode != "S8002:G8003:R8008" {
		t.Errorf("selected role %q, %v", role.RoleCode, ok)
	}
}

func TestWaysInWhichProvidersWriteClaims(t *testing.T) {
	idToken := func(change func(map[string]any)) func(*relyingtest.Issuer) {
		return func(i *relyingtest.Issuer) { i.Alter.IDToken = change }
	}
	tests := map[string]struct {
		issuer func(*relyingtest.Issuer)
		check  func(cis2.Person) bool
	}{
		"levels as numbers": {func(i *relyingtest.Issuer) {
			i.Person.AuthenticationLevel = 2
			i.Person.IdentityLevel = 3
		}, func(p cis2.Person) bool { return p.AuthenticationLevel == "2" && p.IdentityLevel == 3 }},
		"a bare role in place of a list": {func(i *relyingtest.Issuer) {
			i.Person.Roles = map[string]any{"person_roleid": "1", "org_code": "Z99Z9", "activity_codes": "B0166"}
		}, func(p cis2.Person) bool {
			return len(p.Roles) == 1 && p.Roles[0].OrgCode == "Z99Z9" && p.Roles[0].ActivityCodes[0] == "B0166"
		}},
		"no role, none selected, no email": {func(i *relyingtest.Issuer) {
			i.Person.Roles = nil
			i.Person.SelectedRoleID = ""
			i.Alter.UserInfo = func(u map[string]any) { delete(u, "email") }
		}, func(p cis2.Person) bool {
			_, selected := p.SelectedRole()
			return len(p.Roles) == 0 && !selected && p.Email == "" && !p.EmailVerified
		}},
		"no acr, but a level": {idToken(func(c map[string]any) { delete(c, "acr") }), nil},
		"identity level in userinfo only": {idToken(func(c map[string]any) {
			delete(c, cis2.IdentityLevelClaim)
		}), func(p cis2.Person) bool { return p.IdentityLevel == 3 }},
		"no name but its parts": {func(i *relyingtest.Issuer) {
			i.Alter.UserInfo = func(u map[string]any) { delete(u, "name") }
		}, func(p cis2.Person) bool { return p.Name == "Ada Example" }},
	}
	for name, tt := range tests {
		m := meet(t)
		tt.issuer(m.issuer)
		p, err := m.signIn(t, relying.Ask{})
		if err != nil || tt.check != nil && !tt.check(p) {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

func TestOnlyTrueProvesAnEmailAddress(t *testing.T) {
	m := meet(t)
	for _, tt := range []struct {
		value any
		want  bool
	}{{true, true}, {false, false}, {nil, false}, {"true", false}, {1, false}} {
		m.issuer.Person.EmailVerified = tt.value
		p, err := m.signIn(t, relying.Ask{})
		if err != nil || p.EmailVerified != tt.want {
			t.Errorf("email_verified %#v: verified %v, %v, want %v", tt.value, p.EmailVerified, err, tt.want)
		}
	}
}

func TestWhoIsNotVouchedForWellEnoughIsRefused(t *testing.T) {
	claim := func(name string, value any) func(*relyingtest.Issuer) {
		return func(i *relyingtest.Issuer) {
			i.Alter.IDToken = func(c map[string]any) {
				if delete(c, name); value != nil {
					c[name] = value
				}
			}
		}
	}
	attacks := []struct {
		name   string
		issuer func(*relyingtest.Issuer)
		want   relying.Reason
	}{
		{"level of 4", claim(cis2.AuthenticationLevelClaim, "4"), relying.Untrusted},
		{"level in words", claim(cis2.IdentityLevelClaim, "high"), relying.Untrusted},
		{"class not asked for", claim("acr", "AAL1_USERPASS"), relying.AuthenticationLow},
		{"level below the class", claim(cis2.AuthenticationLevelClaim, "1"), relying.AuthenticationLow},
		{"level as a low number", claim(cis2.AuthenticationLevelClaim, 1), relying.AuthenticationLow},
		{"no level", claim(cis2.AuthenticationLevelClaim, nil), relying.AuthenticationLow},
		{"identity level 2", claim(cis2.IdentityLevelClaim, "2"), portal.IdentityLow},
		{"identity level 0", claim(cis2.IdentityLevelClaim, 0), portal.IdentityLow},
		{"no list of roles where one should be", func(i *relyingtest.Issuer) { i.Person.Roles = "none" },
			relying.Untrusted},
	}
	accepted := 0
	m := meet(t)
	for _, attack := range attacks {
		m.issuer.Alter = relyingtest.Alter{}
		m.issuer.Person = relyingtest.Ada()
		if _, err := m.signIn(t, relying.Ask{}); err != nil {
			t.Fatalf("the honest sign-in before %q: %v", attack.name, err)
		}
		attack.issuer(m.issuer)
		if p, err := m.signIn(t, relying.Ask{}); err != nil {
			checkRefusal(t, attack.name, err, attack.want)
		} else {
			accepted++
			t.Errorf("%s: let in %s", attack.name, p.Subject)
		}
	}
	t.Logf("tried %d, accepted %d", len(attacks), accepted)
}

// checkRefusal checks that an error has the reason, and a text for the person.
func checkRefusal(t *testing.T, name string, err error, want relying.Reason) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s: %v, want %q", name, err, want)
	}
	if f, ok := fault.From(err); !ok || f.Message == "" || f.Cure == "" {
		t.Errorf("%s: no words for the person in %v", name, err)
	}
}

func TestStepUpNeedsTheHigherLevel(t *testing.T) {
	m := meet(t)
	ask := relying.Ask{ACR: []string{authn.AAL3Any.Name()}}
	if _, err := m.signIn(t, ask); err != nil {
		t.Fatal(err)
	}
	m.issuer.Person.AuthenticationLevel = "2" // while acr still says AAL3_ANY
	_, err := m.signIn(t, ask)
	checkRefusal(t, "AAL2 where AAL3 was asked", err, relying.AuthenticationLow)
}

// Every other failure also has a text, and the code by which pages recognise it.
func TestEveryReasonHasWords(t *testing.T) {
	m := meet(t)
	answer := func(code string) func(url.Values) { return func(q url.Values) { q.Set("error", code) } }
	for name, tt := range map[string]struct {
		issuer func()
		back   func(url.Values)
		want   relying.Reason
		code   fault.Code
	}{
		"malformed":     {nil, func(q url.Values) { q.Add("state", "x") }, relying.Malformed, fault.Invalid},
		"another state": {nil, func(q url.Values) { q.Set("state", "x") }, relying.WrongState, fault.Invalid},
		"another issuer": {nil, func(q url.Values) { q.Set("iss", "https://evil.example") }, relying.WrongIssuer,
			fault.Unauthenticated},
		"cancelled":    {nil, answer("access_denied"), relying.Denied, fault.Unauthenticated},
		"page needed":  {nil, answer("login_required"), relying.NeedsSignIn, fault.Unauthenticated},
		"made-up code": {nil, func(q url.Values) { q.Set("code", "x") }, relying.CodeRefused, fault.Expired},
		"wrong scope":  {nil, answer("invalid_scope"), relying.ClientRefused, fault.Unavailable},
		"in trouble":   {nil, answer("server_error"), relying.Unreachable, fault.Unavailable},
		"class not met": {nil, answer("unmet_authentication_requirements"), relying.AuthenticationLow,
			fault.Forbidden},
		"for another": {func() { m.issuer.Alter.IDToken = func(c map[string]any) { c["aud"] = "x" } }, nil,
			relying.Untrusted, fault.Unauthenticated},
		"about another": {func() { m.issuer.Alter.UserInfo = func(u map[string]any) { u["sub"] = "x" } }, nil,
			relying.WrongSubject, fault.Unauthenticated},
		"proved yesterday": {func() { m.issuer.Person.AuthTime = noon.Add(-24 * time.Hour) }, nil, relying.Stale,
			fault.Unauthenticated},
	} {
		m.issuer.Alter = relyingtest.Alter{}
		m.issuer.Person = relyingtest.Ada()
		if tt.issuer != nil {
			tt.issuer()
		}
		if tt.back == nil {
			tt.back = func(url.Values) {}
		}
		_, err := m.redeem(t, relying.Ask{MaxAge: time.Minute}, tt.back)
		checkRefusal(t, name, err, tt.want)
		if !errors.Is(err, tt.code) {
			t.Errorf("%s: %v, want code %s", name, err, tt.code)
		}
	}
}

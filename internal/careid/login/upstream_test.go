package login_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/login"
	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/relying/relyingtest"
	"signpost/internal/platform/worldtest"
)

// withAccount makes a world whose person has an account at NHS.net Connect.
func withAccount(t *testing.T) *world {
	t.Helper()
	w := open(t)
	w.BindAccount()
	return w
}

// toAccount goes to the page that leads to the provider.
func toAccount(b *logintest.Browser) string {
	at := b.Begin(logintest.Request("prompt", "login"))
	b.Send(at+"/authenticator", "authenticator", string(authn.NHSMail))
	return at
}

// ends gives what a sign-in ends with: nothing if it is right, or what is wrong.
func ends(b *logintest.Browser, res *http.Response) string {
	if strings.Contains(res.Header.Get("Location"), "code=") {
		return ""
	}
	if problem := said(b, res); problem != "" {
		return problem
	}
	return "nothing is said"
}

// An account that is connected logs its owner in at AAL2. It is found by who vouches for it and by the subject,
// whatever its email address.
func TestLogInWithAnAccountElsewhere(t *testing.T) {
	w := withAccount(t)
	w.NHSNet.Change(func(s *relyingtest.Script) { s.Person.Email = "another@nhs.net" })
	b := w.Browser()
	at := toAccount(b)
	res := b.ComeBack(b.Connect(at, w.NHSNet, "nhsnet"))
	claims := w.IDClaims(w.Redeem(logintest.CodeOf(t, res.Header.Get("Location"))).IDToken)
	if fmt.Sprint(claims["amr"]) != "[NHSMAIL]" || claims["authentication_assurance_level"] != "2" {
		t.Errorf("the service is told %v", claims)
	}
}

// What a provider may answer, and what is not accepted of it (O19, O44).
func TestAccountsElsewhereThatAreRefused(t *testing.T) {
	w := withAccount(t)
	other, at := w.Elsewhere(t, "other") // which names the same subject and the same address
	w.AlsoElsewhere(at)
	usual := w.NHSNet.Script
	try := func(change func(s *relyingtest.Script), spoil func(callback string) string) string {
		w.NHSNet.Change(func(s *relyingtest.Script) {
			*s = usual
			if change != nil {
				change(s)
			}
		})
		b := w.Browser()
		callback := b.Connect(toAccount(b), w.NHSNet, "nhsnet")
		if spoil != nil {
			callback = spoil(callback)
		}
		return ends(b, b.ComeBack(callback))
	}
	claim := func(name string, value any) func(*relyingtest.Script) {
		return func(s *relyingtest.Script) {
			s.Alter.IDToken = func(claims map[string]any) { claims["tid"] = "tenant"; claims[name] = value }
		}
	}
	tried, accepted := 0, 0
	for _, tt := range []struct {
		name   string
		change func(*relyingtest.Script)
		spoil  func(string) string
		want   string
	}{
		{"an account that nobody connected", claim("sub", "pairwise-of-eve"), nil, "cannot be accepted"},
		{"somebody else who logs in there", func(s *relyingtest.Script) { s.Person.Subject = "pairwise-of-eve" }, nil,
			"not connected to a Care Identity"},
		{"only a password", func(s *relyingtest.Script) { s.Person.AMR = []string{"pwd"} }, nil, "second proof"},
		{"no amr", func(s *relyingtest.Script) { s.Person.AMR = nil }, nil, "second proof"},
		{"another tenant", claim("tid", "of somebody else"), nil, "cannot be accepted"},
		{"another audience", claim("aud", "another client"), nil, "cannot be accepted"},
		{"another issuer in the token", claim("iss", "https://login.example"), nil, "cannot be accepted"},
		{"another nonce", claim("nonce", "of before"), nil, "cannot be accepted"},
		{"a login of this morning", claim("auth_time", w.Clock.Now().Unix()-3600), nil, "cannot be accepted"},
		{"a token of yesterday", claim("exp", w.Clock.Now().Unix()-86400), nil, "cannot be accepted"},
		{"O19 at the callback of another", nil, func(c string) string {
			return strings.Replace(c, "/upstream/nhsnet/", "/upstream/other/", 1)
		}, "cannot be accepted"},
		{"O19 at a callback of nobody", nil, func(c string) string {
			return strings.Replace(c, "/upstream/nhsnet/", "/upstream/none/", 1)
		}, "cannot be accepted"},
		{"a mix-up of issuers", nil, func(c string) string {
			return strings.Replace(c, "iss=", "iss=https%3A%2F%2Flogin.example&x=", 1)
		}, "cannot be accepted"},
		{"another state", nil, func(c string) string { return strings.Replace(c, "state=", "state=", 1) + "x" },
			"cannot be accepted"},
		{"a code that was made up", nil, func(c string) string { return strings.Replace(c, "code=", "code=x", 1) },
			"cannot be accepted"},
		{"cancelled there", func(s *relyingtest.Script) {
			s.Alter.Callback = func(back map[string][]string) {
				delete(back, "code")
				back["error"] = []string{"access_denied"}
			}
		}, nil, "You were not logged in"},
	} {
		got := try(tt.change, tt.spoil)
		if !strings.Contains(got, tt.want) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
		if got == "" {
			accepted++
		}
		tried++
	}
	t.Logf("accounts elsewhere: tried %d, accepted %d", tried, accepted)
	if got := try(nil, nil); got != "" {
		t.Errorf("the honest login afterwards: %q", got)
	}
	b := w.Browser()
	if got := ends(b, b.ComeBack(b.Connect(toAccount(b), other, "other"))); !strings.Contains(got, "not connected") {
		t.Errorf("O44 another provider with the same subject and address: %q", got)
	}
}

// An answer is used in the browser and the login for which it was given, once.
func TestAnAnswerOfAProviderIsUsedOnce(t *testing.T) {
	w := withAccount(t)
	b := w.Browser()
	callback := b.Connect(toAccount(b), w.NHSNet, "nhsnet")
	thief := w.Browser()
	if at := thief.Get(thief.Get(callback).Header.Get("Location")); at.StatusCode < 400 {
		t.Errorf("another browser goes on with the login: %d", at.StatusCode)
	}
	if got := ends(b, b.ComeBack(callback)); got != "" {
		t.Fatalf("the browser that began it: %q", got)
	}
	at := toAccount(b)
	b.ToProvider(at, "nhsnet")
	_, query, _ := strings.Cut(callback, "?")
	res := b.Do(http.MethodPost, at+"/account", logintest.Values("account", "nhsnet?"+query))
	if got := ends(b, res); !strings.Contains(got, "cannot be accepted") {
		t.Errorf("the same answer in the next login: %q", got)
	}
	for _, state := range []string{"", "x", "s-", "s-../../x.y", "s-//evil.example.y", "b-%2e%2e.y", "q-1.y"} {
		res := b.Get(login.CallbackPath("nhsnet") + "?" + logintest.Values("state", state, "code", "x").Encode())
		to := res.Header.Get("Location")
		if !strings.HasPrefix(to, "/sign-in/?") && res.StatusCode < 400 {
			t.Errorf("a callback with the state %q leads to %q", state, to)
		}
	}
}

// A provider that does not answer keeps nobody from logging in another way.
func TestAProviderThatIsDown(t *testing.T) {
	w := withAccount(t)
	w.BindApp(t)
	w.NHSNet.Change(func(s *relyingtest.Script) {
		s.Alter.Metadata = func(m map[string]any) { m["issuer"] = "https://gone.example" }
	})
	w.Clock.Advance(2 * time.Hour) // what was read of it before is too old
	b := w.Browser()
	at := toAccount(b)
	res := b.Do(http.MethodPost, at+"/connect", logintest.Values("provider", "nhsnet"))
	if page := logintest.Text(res); !strings.Contains(page, "does not answer at the moment") {
		t.Errorf("%d: %s", res.StatusCode, page)
	}
	if !w.withApp(t, w.Browser()) {
		t.Error("the authenticator app is refused too")
	}
}

// Only the people of organisations that take part connect an account and log in with one; an account belongs to one
// person.
func TestAccountsElsewhereOnTrial(t *testing.T) {
	w := withAccount(t)
	second := w.Browser()
	w.Another(t)
	bos := worldtest.Must(db.Glance(t.Context(), w.DB, func(r db.R) (string, error) {
		return db.Value[string](t.Context(), r, `SELECT uuid FROM identity WHERE given_name = 'Bo'`)
	}))(t)
	at := w.BindPages(second, bos, adasAddress, authn.NHSMail)
	res := second.Do(http.MethodPost, at+"/connect", logintest.Values("provider", "nhsnet"))
	if got := said(second, res); !strings.Contains(got, "Your organisation does not take part yet") {
		t.Errorf("somebody of no organisation connects: %q", got)
	}
	again := w.Browser()
	at = w.BindPages(again, w.UUID, adasAddress, authn.NHSMail)
	if got := said(again, again.ComeBack(again.Connect(at, w.NHSNet, "nhsnet"))); !strings.Contains(got, "already") {
		t.Errorf("connected twice: %q", got)
	}
	id := w.AuthenticatorID(t)
	w.ByDesk(func(dw *db.W) error { return authenticator.Remove(t.Context(), dw, id, "another account") })
	w.BindAccount() // what was removed may be connected anew
	w.ByDesk(func(dw *db.W) error {
		_, err := dw.Exec(t.Context(), `UPDATE identity SET organisation = '' WHERE uuid = $1`, w.UUID)
		if err != nil {
			return err
		}
		return dw.Record(t.Context(), audit.Event{Kind: "test.left"})
	})
	b := w.Browser()
	if got := ends(b, b.ComeBack(b.Connect(toAccount(b), w.NHSNet, "nhsnet"))); !strings.Contains(got, "take part") {
		t.Errorf("somebody who left the organisation logs in: %q", got)
	}
}

// Where accounts are told apart by their object, it is the object that logs somebody in, whatever subject the provider
// gives its client; one without an object is nobody's.
func TestAccountsElsewhereByTheirObject(t *testing.T) {
	w := open(t)
	issuer, at := w.Elsewhere(t, "entra")
	at.ByObject = true
	w.AlsoElsewhere(at)
	b := w.Browser()
	binding := w.BindPages(b, w.UUID, "Ada@example.nhs.uk", authn.NHSMail)
	if to := b.ComeBack(b.Connect(binding, issuer, "entra")).Header.Get("Location"); to != "/authenticator-added" {
		t.Fatalf("connecting an account ended at %q", to)
	}
	for _, tt := range []struct {
		name, subject string
		object        any
		want          string
	}{
		{"the client registered anew", "another-pairwise", "object-of-ada", ""},
		{"another object of the same subject", "pairwise-of-ada", "object-of-eve", "not connected to a Care Identity"},
		{"the subject as the object", "object-of-ada", "object-of-eve", "not connected to a Care Identity"},
		{"no object", "pairwise-of-ada", nil, "cannot be accepted"},
		{"an empty object", "pairwise-of-ada", "", "cannot be accepted"},
	} {
		issuer.Change(func(s *relyingtest.Script) {
			s.Person.Subject = tt.subject
			s.Alter.IDToken = func(claims map[string]any) {
				claims["tid"] = "tenant"
				if tt.object != nil {
					claims["oid"] = tt.object
				}
			}
		})
		b := w.Browser()
		got := ends(b, b.ComeBack(b.Connect(toAccount(b), issuer, "entra")))
		if got != tt.want && (tt.want == "" || !strings.Contains(got, tt.want)) {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

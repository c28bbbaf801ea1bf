package provider

import (
	"net/url"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/provider/client"
	"signpost/internal/national/authn"
)

func TestNext(t *testing.T) {
	aal3 := &authenticator.Proven{UUID: "500000000017", Kind: authn.SecurityKey, Level: authn.AAL3}
	aal2 := &authenticator.Proven{UUID: "500000000017", Kind: authn.AuthenticatorApp, Level: authn.AAL2}
	two := []Role{{ID: "1"}, {ID: "2"}}
	usual := Request{Class: "AAL2_OR_AAL3_ANY", Scopes: []string{"openid"}}
	silent, strong, role, card := usual, usual, usual, usual
	silent.Silent = true
	strong.Class = "AAL3_ANY"
	role.Scopes = []string{"openid", "selectedrole"}
	card.Class = "AAL3_N3_SMARTCARD"
	silentRole := role
	silentRole.Silent = true
	for _, tt := range []struct {
		name string
		s    State
		want Step
	}{
		{"just come", State{Request: usual}, StepChoose},
		{"just come, no page may be shown", State{Request: silent}, StepReturn},
		{"only a smartcard would do", State{Request: card}, StepRefuse},
		{"chose the security key", State{Request: usual, Chosen: authn.SecurityKey}, StepKey},
		{"chose Windows Hello", State{Request: usual, Chosen: authn.WindowsHello}, StepKey},
		{"chose the app", State{Request: usual, Chosen: authn.AuthenticatorApp}, StepPassword},
		{"the app's password was right", State{Request: usual, Chosen: authn.AuthenticatorApp, App: "a1"}, StepCode},
		{"chose the app where it is not enough", State{Request: strong, Chosen: authn.AuthenticatorApp, App: "a1"}, StepChoose},
		{"proved", State{Request: usual, Proven: aal2}, StepDone},
		{"proved, silently", State{Request: silent, Proven: aal2}, StepDone},
		{"proved too little", State{Request: strong, Proven: aal2}, StepRefuse},
		{"proved enough", State{Request: strong, Proven: aal3}, StepDone},
		{"two roles", State{Request: role, Proven: aal3, Roles: two}, StepRole},
		{"two roles, one chosen", State{Request: role, Proven: aal3, Roles: two, Role: "2", RoleKnown: true}, StepDone},
		{"two roles, not asked for", State{Request: usual, Proven: aal3, Roles: two}, StepDone},
		{"two roles, no page may be shown", State{Request: silentRole, Proven: aal3, Roles: two}, StepReturn},
		{"no role", State{Request: role, Proven: aal3, RoleKnown: true}, StepDone},
		{"the key did not answer", State{Request: usual, Chosen: authn.SecurityKey, Fallen: Cancelled}, StepRefuse},
		{"fell after the proof", State{Request: usual, Proven: aal3, Fallen: Inactive}, StepRefuse},
		{"fell where no page may be shown", State{Request: silent, Fallen: Inactive}, StepReturn},
		{"proved with nothing asked", State{Proven: aal3}, StepRefuse},
	} {
		if got := Next(tt.s); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestResume(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	sso := SSO{Proven: authenticator.Proven{Kind: authn.AuthenticatorApp, Level: authn.AAL2, At: now.Add(-5 * time.Minute)}, Role: "2", RoleKnown: true}
	usual := Request{Class: "AAL2_OR_AAL3_ANY"}
	with := func(change func(*Request)) Request {
		r := usual
		change(&r)
		return r
	}
	for _, tt := range []struct {
		name   string
		r      Request
		proven bool
		role   string
	}{
		{"the usual", usual, true, "2"},
		{"a fresh proof is asked", with(func(r *Request) { r.Login = true }), false, ""},
		{"young enough", with(func(r *Request) { r.HasMaxAge, r.MaxAge = true, 300 }), true, "2"},
		{"too old", with(func(r *Request) { r.HasMaxAge, r.MaxAge = true, 299 }), false, ""},
		{"max_age 0", with(func(r *Request) { r.HasMaxAge = true }), false, ""},
		{"more is asked", with(func(r *Request) { r.Class = "AAL3_ANY" }), false, ""},
		{"another role is asked", with(func(r *Request) { r.Scopes = []string{"openid", "changedrole"} }), true, ""},
	} {
		s := State{Request: tt.r}
		s.resume("sid", "row", sso, now)
		if (s.Proven != nil) != tt.proven || s.Role != tt.role {
			t.Errorf("%s: proven %v, role %q", tt.name, s.Proven, s.Role)
		}
	}
}

func TestOfferRoles(t *testing.T) {
	wants := Request{Scopes: []string{"openid", "selectedrole"}}
	one, two := []Role{{ID: "1"}}, []Role{{ID: "1"}, {ID: "2"}}
	for _, tt := range []struct {
		name  string
		s     State
		roles []Role
		role  string
		known bool
	}{
		{"none: no role", State{Request: wants}, nil, "", true},
		{"one: silently", State{Request: wants}, one, "1", true},
		{"two: asked", State{Request: wants}, two, "", false},
		{"chosen before", State{Request: wants, Role: "2", RoleKnown: true}, two, "2", true},
		{"chosen before, ended since", State{Request: wants, Role: "3", RoleKnown: true}, two, "", false},
		{"not asked for", State{}, one, "", false},
	} {
		tt.s.offerRoles(tt.roles)
		if tt.s.Role != tt.role || tt.s.RoleKnown != tt.known {
			t.Errorf("%s: %q %v", tt.name, tt.s.Role, tt.s.RoleKnown)
		}
	}
}

// Whatever strangers send, parsing a request ends in a Request with only what was asked and allowed, or
// in an error of the protocol.
func FuzzParse(f *testing.F) {
	f.Add("response_type=code&scope=openid&acr_values=AAL3_ANY&max_age=5&prompt=none")
	f.Add("response_type=code&scope=openid&code_challenge=x&code_challenge_method=S256")
	c := client.Client{ID: "1", Name: "One", Scopes: []string{"openid", "profile"}}
	f.Fuzz(func(t *testing.T, query string) {
		q, err := url.ParseQuery(query)
		if err != nil {
			return
		}
		r, wrong := parse(q, c)
		if wrong == nil && (r.class().Name() == "" || len(r.Scopes) == 0 || len(r.Scopes) > 2 || r.MaxAge < 0 || r.Silent && r.Login) {
			t.Errorf("%q gives %+v", query, r)
		}
	})
}

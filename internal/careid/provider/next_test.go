package provider

import (
	"encoding/json"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/careid/provider/request"
	sso "signpost/internal/careid/provider/session"
	"signpost/internal/national/authn"
)

func TestNext(t *testing.T) {
	aal3 := &authenticator.Proven{UUID: "500000000017", Kind: authn.SecurityKey, Level: authn.AAL3}
	aal2 := &authenticator.Proven{UUID: "500000000017", Kind: authn.AuthenticatorApp, Level: authn.AAL2}
	two := []claim.Role{{ID: "1"}, {ID: "2"}}
	provable := []authn.Kind{authn.SecurityKey, authn.WindowsHello, authn.Passkey, authn.AuthenticatorApp}
	half := json.RawMessage(`{"half": "done"}`)
	usual := request.Request{Class: "AAL2_OR_AAL3_ANY", Scopes: []string{"openid"}}
	silent := usual
	strong := usual
	role := usual
	card := usual
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
		{"chose the security key", State{Request: usual, Chosen: authn.SecurityKey}, StepProve},
		{"chose Windows Hello", State{Request: usual, Chosen: authn.WindowsHello}, StepProve},
		{"chose the app", State{Request: usual, Chosen: authn.AuthenticatorApp}, StepProve},
		{"in the middle of proving the app", State{Request: usual, Chosen: authn.AuthenticatorApp, Ceremony: half}, StepProve},
		{"chose the app where it is not enough", State{Request: strong, Chosen: authn.AuthenticatorApp, Ceremony: half}, StepChoose},
		{"chose what nothing here proves", State{Request: usual, Chosen: authn.NHSMail, Ceremony: half}, StepChoose},
		{"chose what nobody knows", State{Request: usual, Chosen: "pigeon", Ceremony: half}, StepChoose},
		{"proved", State{Request: usual, Proven: aal2}, StepDone},
		{"a shared browser's session", State{Request: usual, Proven: aal2, Confirm: true}, StepConfirm},
		{"a shared browser's session, two roles", State{Request: role, Proven: aal3, Roles: two, Confirm: true}, StepConfirm},
		{"a shared browser, proved too little", State{Request: strong, Confirm: true}, StepChoose},
		{"comes to the service for the first time", State{Request: usual, Proven: aal2, FirstVisit: true}, StepMeet},
		{"comes for the first time, no page may be shown", State{Request: silent, Proven: aal2, FirstVisit: true}, StepReturn},
		{"comes for the first time to a shared browser", State{Request: usual, Proven: aal2, FirstVisit: true, Confirm: true}, StepConfirm},
		{"a stranger to a service on trial", State{Request: usual, Refused: OnTrial}, StepRefuse},
		{"a stranger to a service on trial, no page may be shown", State{Request: silent, Proven: aal2, Refused: OnTrial}, StepReturn},
		{"proved, silently", State{Request: silent, Proven: aal2}, StepDone},
		{"proved too little", State{Request: strong, Proven: aal2}, StepRefuse},
		{"proved enough", State{Request: strong, Proven: aal3}, StepDone},
		{"two roles", State{Request: role, Proven: aal3, Roles: two}, StepRole},
		{"two roles, one chosen", State{Request: role, Proven: aal3, Roles: two, Role: "2", RoleKnown: true}, StepDone},
		{"two roles, not asked for", State{Request: usual, Proven: aal3, Roles: two}, StepDone},
		{"two roles, no page may be shown", State{Request: silentRole, Proven: aal3, Roles: two}, StepReturn},
		{"no role", State{Request: role, Proven: aal3, RoleKnown: true}, StepDone},
		{"the key did not answer", State{Request: usual, Chosen: authn.SecurityKey, Refused: Cancelled}, StepRefuse},
		{"fell after the proof", State{Request: usual, Proven: aal3, Refused: Inactive}, StepRefuse},
		{"fell where no page may be shown", State{Request: silent, Refused: Inactive}, StepReturn},
		{"proved with nothing asked", State{Proven: aal3}, StepRefuse},
	} {
		if got := Next(tt.s, provable); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestResume(t *testing.T) {
	now := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	session := sso.State{
		Proven: authenticator.Proven{Kind: authn.AuthenticatorApp, Level: authn.AAL2, At: now.Add(-5 * time.Minute)},
		Role:   "2", RoleKnown: true,
	}
	usual := request.Request{Class: "AAL2_OR_AAL3_ANY"}
	with := func(change func(*request.Request)) request.Request {
		r := usual
		change(&r)
		return r
	}
	for _, tt := range []struct {
		name   string
		r      request.Request
		proven bool
		role   string
	}{
		{"the usual", usual, true, "2"},
		{"a fresh proof is asked", with(func(r *request.Request) { r.Login = true }), false, ""},
		{"young enough", with(func(r *request.Request) {
			r.HasMaxAge = true
			r.MaxAge = 300
		}), true, "2"},
		{"too old", with(func(r *request.Request) {
			r.HasMaxAge = true
			r.MaxAge = 299
		}), false, ""},
		{"max_age 0", with(func(r *request.Request) { r.HasMaxAge = true }), false, ""},
		{"more is asked", with(func(r *request.Request) { r.Class = "AAL3_ANY" }), false, ""},
		{"another person is asked", with(func(r *request.Request) { r.Subject = "500000000028" }), false, ""},
		{"another role is asked", with(func(r *request.Request) { r.Scopes = []string{"openid", "changedrole"} }), true, ""},
	} {
		s := State{Request: tt.r}
		s.resume("sid", "row", session, now)
		if (s.Proven != nil) != tt.proven || s.Role != tt.role {
			t.Errorf("%s: proven %v, role %q", tt.name, s.Proven, s.Role)
		}
	}
}

func TestOfferRoles(t *testing.T) {
	wants := request.Request{Scopes: []string{"openid", "selectedrole"}}
	byNumber := func(id string) request.Request {
		r := wants
		r.Claims.RoleID = id
		return r
	}
	one := []claim.Role{{ID: "1"}}
	two := []claim.Role{{ID: "1"}, {ID: "2"}}
	for _, tt := range []struct {
		name  string
		s     State
		roles []claim.Role
		role  string
		known bool
	}{
		{"none: no role", State{Request: wants}, nil, "", true},
		{"one: silently", State{Request: wants}, one, "1", true},
		{"two: asked", State{Request: wants}, two, "", false},
		{"chosen before", State{Request: wants, Role: "2", RoleKnown: true}, two, "2", true},
		{"chosen before, ended since", State{Request: wants, Role: "3", RoleKnown: true}, two, "", false},
		{"not asked for", State{}, one, "", false},
		{"one of two by its number", State{Request: byNumber("2")}, two, "2", true},
		{"another than the session's", State{Request: byNumber("2"), Role: "1", RoleKnown: true}, two, "2", true},
		{"one that is not held", State{Request: byNumber("3"), Role: "1", RoleKnown: true}, two, "1", true},
	} {
		tt.s.offerRoles(tt.roles)
		if tt.s.Role != tt.role || tt.s.RoleKnown != tt.known {
			t.Errorf("%s: %q %v", tt.name, tt.s.Role, tt.s.RoleKnown)
		}
	}
}

package double_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"signpost/internal/national/cis2"
	"signpost/internal/platform/worldtest"
)

// seen holds what a relying party sees of one sign-in.
type seen struct {
	exchange error // of the code
	verify   error // of the ID token, with a key set that was fetched beforehand and no other
	claims   map[string]any
	info     map[string]any
	infoErr  error
	slow     bool
}

func (w *world) see() (s seen) {
	w.t.Helper()
	set, keysErr := w.keySet()
	w.waited = nil
	request := ada()
	request["role"] = "R8000"
	tokens, err := w.tokens(request, "scope", "openid email nhsperson selectedrole nationalrbacaccess")
	s.slow = len(w.waited) > 0
	if s.exchange = err; err != nil {
		return s
	}
	text, _ := tokens.Extra("id_token").(string)
	id, err := oidc.NewVerifier(w.double.Issuer(), set, &oidc.Config{ClientID: w.party().oauth.ClientID}).Verify(w.t.Context(), text)
	if s.verify = errors.Join(err, keysErr); err == nil {
		worldtest.Check(w.t, id.Claims(&s.claims))
	}
	s.info, s.infoErr = w.userInfo(tokens)
	return s
}

// keySet is the published keys as they are now.
func (w *world) keySet() (*oidc.StaticKeySet, error) {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.double.Issuer()+cis2.KeysPath, nil)
	worldtest.Check(w.t, err)
	status, text := w.send(r)
	if status != http.StatusOK {
		return &oidc.StaticKeySet{}, errors.New(text)
	}
	return staticSet(w.t, text), nil
}

// Each fault is seen while it is on, and neither before nor after.
func TestFaults(t *testing.T) {
	w := open(t)
	for name, tt := range map[string]struct {
		fault map[string]any
		shown func(s seen) bool
	}{
		"slow":             {map[string]any{"endpoint": "token", "ms": 3000}, func(s seen) bool { return s.slow }},
		"key-rotated":      {nil, func(s seen) bool { return s.verify != nil }},
		"empty-role":       {nil, func(s seen) bool { return s.claims["selected_roleid"] == "" }},
		"no-email":         {nil, func(s seen) bool { return s.info != nil && s.info["email"] == nil }},
		"number-levels":    {nil, func(s seen) bool { return s.claims["authentication_assurance_level"] == 3.0 }},
		"code-expired":     {nil, func(s seen) bool { return said(s.exchange, "invalid_grant") }},
		"keys-unreachable": {nil, func(s seen) bool { return s.verify != nil }},
		"userinfo-401":     {nil, func(s seen) bool { return said(s.infoErr, "401") }},
		"invalid-client":   {nil, func(s seen) bool { return said(s.exchange, "invalid_client") }},
	} {
		if tt.shown(w.see()) {
			t.Errorf("%s: seen while it is off", name)
		}
		on := map[string]any{"fault": name}
		for k, v := range tt.fault {
			on[k] = v
		}
		w.switchOn(on)
		if !tt.shown(w.see()) {
			t.Errorf("%s: not seen while it is on", name)
		}
		w.switchOff(name)
		if s := w.see(); tt.shown(s) || s.exchange != nil || s.verify != nil || s.infoErr != nil {
			t.Errorf("%s: seen after it was switched off: %+v", name, s)
		}
		on["times"] = 1
		w.switchOn(on)
		if !tt.shown(w.see()) || tt.shown(w.see()) {
			t.Errorf("%s: not seen exactly once", name)
		}
	}
}

// A fault that another one hides is left for the next sign-in, and not lost.
func TestFaultsThatMeetAreSeenOneAfterAnother(t *testing.T) {
	w := open(t)
	shown := map[string]func(s seen) bool{
		"invalid-client": func(s seen) bool { return said(s.exchange, "invalid_client") },
		"code-expired":   func(s seen) bool { return said(s.exchange, "invalid_grant") },
		"key-rotated":    func(s seen) bool { return s.exchange == nil && s.verify != nil },
		"empty-role":     func(s seen) bool { return s.claims["selected_roleid"] == "" },
	}
	for _, met := range [][]string{
		{"invalid-client"}, {"code-expired"}, {"invalid-client", "code-expired"}, {"code-expired", "key-rotated"},
		{"code-expired", "empty-role"}, {"invalid-client", "code-expired", "key-rotated"},
	} {
		for _, name := range slices.Backward(met) {
			w.switchOn(map[string]any{"fault": name, "times": 1})
		}
		for _, name := range met {
			if s := w.see(); !shown[name](s) {
				t.Errorf("%v: %s was not seen: %+v", met, name, s)
			}
		}
		if s := w.see(); s.exchange != nil || s.verify != nil || s.infoErr != nil {
			t.Errorf("%v: seen once too often: %+v", met, s)
		}
	}
}

func said(err error, words string) bool { return err != nil && strings.Contains(err.Error(), words) }

func (w *world) switchOn(f map[string]any) {
	w.t.Helper()
	if status, text := w.ask("faults", f); status != http.StatusOK {
		w.t.Fatalf("%v: %d %s", f, status, text)
	}
}

func (w *world) switchOff(name string) {
	w.t.Helper()
	status, text := w.ask("faults/off", map[string]any{"fault": name})
	if status != http.StatusOK || text != "[]" {
		w.t.Fatalf("off: %d %s", status, text)
	}
}

// What CIS2 hides is said: what was expected of a client, and what was received.
func TestRefusals(t *testing.T) {
	w := open(t)
	if _, text := w.ask("refusals", nil); text != "[]" {
		t.Errorf("before anything was refused: %s", text)
	}
	w.party().oauth.ClientSecret = "another secret of some length"
	if _, err := w.tokens(ada()); !said(err, "invalid_client") {
		t.Fatalf("a wrong secret: %v", err)
	}
	_, text := w.ask("refusals", nil)
	list := decode[[]map[string]any](t, text)
	if len(list) != 1 || list[0]["place"] != "token" || list[0]["error"] != "invalid_client" ||
		!strings.Contains(list[0]["reason"].(string), "secret is not right") {
		t.Errorf("refusals %s", text)
	}
}

func TestFaultsThatAreNone(t *testing.T) {
	w := open(t)
	for _, f := range []map[string]any{
		{"fault": "frob"}, {"fault": "slow"}, {"fault": "slow", "ms": 26_000}, {"fault": "slow", "ms": 1, "endpoint": "everything"},
		{"fault": "no-email", "ms": 5}, {"fault": "no-email", "times": -1}, {"name": "no-email"},
	} {
		if status, got := w.control("faults", f); status != http.StatusUnprocessableEntity || got["says"] == "" {
			t.Errorf("%v: %d %v", f, status, got)
		}
	}
}

// A key that was rotated leaves the old one in the set; one that was withdrawn takes it away.
func TestKeys(t *testing.T) {
	w := open(t)
	tokens, err := w.tokens(ada())
	worldtest.Check(t, err)
	text, _ := tokens.Extra("id_token").(string)
	holds := func() bool {
		set, err := w.keySet()
		worldtest.Check(t, err)
		_, err = oidc.NewVerifier(w.double.Issuer(), set, &oidc.Config{ClientID: w.party().oauth.ClientID}).Verify(t.Context(), text)
		return err == nil
	}
	kid := w.must("state", nil)["kid"]
	rotated := w.must("keys/rotate", map[string]any{})["kid"]
	if rotated == kid || !holds() {
		t.Errorf("rotated from %v to %v, the token holds: %v", kid, rotated, holds())
	}
	again, err := w.tokens(ada())
	worldtest.Check(t, err)
	text, _ = again.Extra("id_token").(string)
	if !holds() {
		t.Fatal("the new key is not in the set")
	}
	if kid := w.must("keys/withdraw", map[string]any{})["kid"]; kid == rotated || holds() {
		t.Errorf("withdrawn: %v signs, the token holds: %v", kid, holds())
	}
}

// logoutToken waits for one that the relying party was sent, and gives its claims.
func (w *world) logoutToken() map[string]any {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), 20*time.Second)
	defer cancel()
	select {
	case token := <-w.told:
		return w.logoutClaims(token)
	case <-ctx.Done():
		w.t.Fatal("no logout token came")
		return nil
	}
}

func (w *world) logoutClaims(token string) (claims map[string]any) {
	w.t.Helper()
	set, err := w.keySet()
	worldtest.Check(w.t, err)
	payload, err := set.VerifySignature(w.t.Context(), token)
	worldtest.Check(w.t, err)
	worldtest.Check(w.t, json.Unmarshal(payload, &claims))
	return claims
}

// The end of a session, of an identity and of a position reaches the relying party.
func TestEndsAreTold(t *testing.T) {
	w := open(t)
	for name, end := range map[string]func(){
		"session":       func() { w.endSessions(map[string]any{"person": "ada"}) },
		"one session":   func() { w.endSessions(map[string]any{"person": "ada", "session": w.session()["id"]}) },
		"suspension":    func() { w.must("people/suspend", ada()); w.must("people/resume", ada()) },
		"position over": func() { w.must("positions/end", map[string]any{"person": "ada", "role": "R8008"}) },
	} {
		tokens, err := w.tokens(ada())
		worldtest.Check(t, err)
		sid := w.claims(tokens)["sid"]
		if got := w.session()["sid"]; got != sid {
			t.Errorf("%s: the session's sid is %v, the ID token's %v", name, got, sid)
		}
		end()
		if told := w.logoutToken(); told["sid"] != sid || told["sub"] != "500000000017" {
			t.Errorf("%s: told of %v, want sid %v", name, told, sid)
		}
		if _, err := w.userInfo(tokens); err == nil {
			t.Errorf("%s: the access token outlives the session", name)
		}
	}
	if roles := w.roles("ada"); len(roles) != 1 {
		t.Errorf("after a position ended there are %v", roles)
	}
}

func (w *world) endSessions(which map[string]any) {
	w.t.Helper()
	if status, text := w.ask("sessions/end", which); status != http.StatusOK || text != "[]" {
		w.t.Fatalf("end %v: %d %s", which, status, text)
	}
}

// session is the one that is live.
func (w *world) session() map[string]any {
	w.t.Helper()
	_, text := w.ask("sessions", nil)
	list := decode[[]map[string]any](w.t, text)
	if len(list) != 1 {
		w.t.Fatalf("sessions: %s", text)
	}
	return list[0]
}

func TestLogoutStorm(t *testing.T) {
	w := open(t)
	tokens, err := w.tokens(ada())
	worldtest.Check(t, err)
	got := w.must("logout-storm", map[string]any{"person": "ada", "count": 30, "repeats": 10})
	if got["sent"] != 30.0 || got["distinct"] != 20.0 || got["answers"].(map[string]any)["200"] != 30.0 {
		t.Errorf("answered %v", got)
	}
	jtis := map[any]int{}
	sid := w.claims(tokens)["sid"]
	for range 30 {
		claims := w.logoutToken()
		jtis[claims["jti"]]++
		if claims["sid"] != sid {
			t.Fatalf("a token names the session %v, want %v", claims["sid"], sid)
		}
	}
	if len(jtis) != 20 {
		t.Errorf("%d distinct tokens, want 20", len(jtis))
	}
	if _, err := w.userInfo(tokens); err != nil {
		t.Errorf("a storm ended the session: %v", err)
	}
	for _, wrong := range []map[string]any{
		{"person": "ada"}, {"person": "ada", "count": 5, "repeats": 5}, {"person": "ada", "count": 1001}, {"person": "eve", "count": 1}, {"person": "ada", "count": 1, "client": "x"},
	} {
		if status, got := w.control("logout-storm", wrong); status == http.StatusOK || got["says"] == "" {
			t.Errorf("%v: %d %v", wrong, status, got)
		}
	}
}

// The people of the file are asked for on the real page, and a kind that no page proves is chosen there too.
func TestPages(t *testing.T) {
	w := open(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.address+"/", nil)
	worldtest.Check(t, err)
	if status, text := w.send(r); status != http.StatusOK || !strings.Contains(text, w.double.Issuer()) ||
		!strings.Contains(text, "500000000017") {
		t.Errorf("the front page: %d", status)
	}
	address, _ := w.request("acr_values", "AAL3_N3_SMARTCARD")
	b := browser{w: w, cookies: map[string]string{}}
	if text := b.follow(address); !strings.Contains(text, "Bo Sample") {
		t.Errorf("no page offers Bo's smartcard: %.300s", text)
	}
}

// staticSet reads a key set that is not fetched again.
func staticSet(t *testing.T, text string) *oidc.StaticKeySet {
	t.Helper()
	set := decode[jose.JSONWebKeySet](t, text)
	keys := &oidc.StaticKeySet{}
	for _, k := range set.Keys {
		keys.PublicKeys = append(keys.PublicKeys, k.Key)
	}
	return keys
}

package login_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/organisation"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/worldtest"
)

func TestMySessions(t *testing.T) {
	w, key := withKey(t)
	here := w.Browser()
	there := w.Browser()
	w.Redeem(here.SignIn(logintest.Request(), key).Query().Get("code"))
	w.Redeem(there.SignIn(logintest.Request(), key).Query().Get("code"))
	page := logintest.Text(here.Get("/my-sessions"))
	if strings.Count(page, "Directory of Services") != 2 || !strings.Contains(page, "24 November 2026 at 9am") ||
		!strings.Contains(page, "Security Key") {
		t.Fatalf("sessions: %s", page)
	}
	_, rest, _ := strings.Cut(page, "Another browser")
	_, rest, _ = strings.Cut(rest, `action="`)
	end, _, _ := strings.Cut(rest, `"`)
	here.Send(end)
	if _, errorCode := there.Silently(logintest.Request()); errorCode != "login_required" {
		t.Errorf("the other browser: %q", errorCode)
	}
	if code, _ := here.Silently(logintest.Request()); code == "" {
		t.Error("this browser was signed out too")
	}
	if got := w.Browser().Get("/my-sessions").StatusCode; got != http.StatusUnauthorized {
		t.Errorf("a stranger: %d", got)
	}
}

func TestRefusalsHaveTheirOwnPages(t *testing.T) {
	w, key := withKey(t)
	start := func(q url.Values) (*logintest.Browser, string) {
		b := w.Browser()
		at := b.Begin(q)
		b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
		return b, at
	}
	page := func(b *logintest.Browser, at string) string {
		res := b.Get(at)
		if res.StatusCode != http.StatusForbidden {
			t.Errorf("status %d", res.StatusCode)
		}
		return logintest.Text(res)
	}
	b, at := start(logintest.Request())
	b.Send(at+"/key", "failed", "NotAllowedError")
	if got := page(b, at); !strings.Contains(got, "You did not finish logging in") ||
		!strings.Contains(got, "quote the reference") {
		t.Errorf("cancelled: %s", got)
	}
	b.Send(at + "/again")
	if got := logintest.Text(b.Get(at)); !strings.Contains(got, "How do you want to log in?") {
		t.Errorf("after trying again: %s", got)
	}
	if to := b.Send(at + "/leave"); !strings.Contains(to, "error=access_denied") ||
		!strings.HasPrefix(to, logintest.Callback) {
		t.Errorf("left to %s", to)
	}
	b = w.Browser()
	at = b.Begin(logintest.Request("acr_values", "AAL3_N3_SMARTCARD"))
	if got := page(b, at); !strings.Contains(got, "You cannot log in to this service here") {
		t.Errorf("no authenticator: %s", got)
	}
	worldtest.Check(t, identity.Move(t.Context(), w.DB, logintest.Desk, w.UUID, identity.Suspend, "on leave"))
	b, at = start(logintest.Request())
	b.Send(at+"/key", "answer", b.Touch(at, key))
	if got := page(b, at); !strings.Contains(got, "Your Care Identity is not active") {
		t.Errorf("inactive: %s", got)
	}
}

// W12: a key that syncs is AAL2, whatever kind it was bound as.
func TestSyncedKeyIsNotEnoughForAAL3(t *testing.T) {
	w := open(t)
	synced := logintest.NewDevice()
	bound := logintest.NewDevice()
	synced.Authenticator.Options.BackupEligible = true
	synced.Authenticator.Options.BackupState = true
	w.BindDevice(synced, authn.SecurityKey)
	tokens := w.Redeem(w.Browser().SignIn(logintest.Request(), synced).Query().Get("code"))
	if got := w.IDClaims(tokens.IDToken)["authentication_assurance_level"]; got != "2" {
		t.Errorf("level %v", got)
	}
	w.BindDevice(bound, authn.SecurityKey)
	b := w.Browser()
	at := b.SignIn(logintest.Request("acr_values", "AAL3_ANY"), synced).String()
	if got := logintest.Text(b.Get(at)); !strings.Contains(got, "This service needs a stronger authenticator") ||
		!strings.Contains(got, "You have an authenticator that you can use: Security Key") {
		t.Errorf("synced key for AAL3 at %s: %s", at, got)
	}
}

// People who are signed in and need a stronger authenticator read which of theirs is one; strangers learn nothing.
func TestSteppingUpSaysWhatWillDo(t *testing.T) {
	w := open(t)
	synced := logintest.NewDevice()
	bound := logintest.NewDevice()
	synced.Authenticator.Options.BackupEligible = true
	synced.Authenticator.Options.BackupState = true
	w.BindDevice(synced, authn.Passkey)
	b := w.Browser()
	choice := func(b *logintest.Browser) string {
		return webtest.Text(logintest.Text(b.Get(b.Begin(logintest.Request("acr_values", "AAL3_ANY")))))
	}
	b.SignIn(logintest.Request(), synced)
	const none = "asks for a stronger authenticator. You do not have one."
	if got := choice(b); !strings.Contains(got, "You are logged in, but Directory of Services "+none) {
		t.Errorf("without one that will do: %s", got)
	}
	w.BindDevice(bound, authn.SecurityKey)
	if got := choice(b); !strings.Contains(got, "You have one that you can use: Security Key.") {
		t.Errorf("with a security key: %s", got)
	}
	if got := choice(w.Browser()); strings.Contains(got, "asks for a stronger authenticator") ||
		!strings.Contains(got, "How do you want to log in?") {
		t.Errorf("somebody who is not signed in: %s", got)
	}
}

// Whoever is logged in and has to prove it again reads why, on each page on which they do so; strangers learn nothing.
func TestAFreshProofSaysWhy(t *testing.T) {
	w, key := withKey(t)
	const why = "You are logged in already, but Directory of Services asks you to show once more that it is you."
	b := w.Browser()
	b.SignIn(logintest.Request(), key)
	text := func(b *logintest.Browser, at string) string { return webtest.Text(logintest.Text(b.Get(at))) }
	at := b.Begin(logintest.Request("prompt", "login"))
	if got := text(b, at); !strings.Contains(got, why) || strings.Contains(got, "asks for a stronger authenticator") {
		t.Errorf("the choice: %s", got)
	}
	b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	if got := text(b, at); !strings.Contains(got, why) {
		t.Errorf("the page of the key: %s", got)
	}
	w.Clock.Advance(10 * time.Minute)
	if got := text(b, b.Begin(logintest.Request("max_age", "60"))); !strings.Contains(got, why) {
		t.Errorf("a proof that is too old: %s", got)
	}
	stranger := w.Browser()
	if got := text(stranger, stranger.Begin(logintest.Request("prompt", "login"))); strings.Contains(got, "already") ||
		!strings.Contains(got, "How do you want to log in?") {
		t.Errorf("a stranger: %s", got)
	}
}

func TestSimulatedAuthenticatorIsForTheDemoAlone(t *testing.T) {
	w := open(t)
	var id string
	w.ByDesk(func(dw *db.W) (err error) {
		id, err = authenticator.Bind(t.Context(), dw, logintest.SimulatedKey(w.UUID))
		return err
	})
	b := w.Browser()
	at := b.Begin(logintest.Request())
	if strings.Contains(logintest.Text(b.Get(at)), "imulated") {
		t.Error("the usual site offers it")
	}
	flow := strings.TrimPrefix(at, "/sign-in/")
	if got := b.Do("POST", "/simulated/"+
		flow, logintest.Values("authenticator", id)).StatusCode; got != http.StatusNotFound {
		t.Errorf("the usual site takes it: %d", got)
	}
	w.Site = w.DemoSite()
	b.Send(at+"/authenticator", "authenticator", "simulated")
	page := logintest.Text(b.Get("/simulated/" + flow))
	if !strings.Contains(page, "Nobody has to show who they are here") ||
		!strings.Contains(page, "Ada Example - simulated Security Key (AAL3)") {
		t.Fatalf("personas: %s", page)
	}
	claims := w.IDClaims(w.Redeem(logintest.CodeOf(t, b.Send("/simulated/"+flow, "authenticator", id))).IDToken)
	if claims["authentication_assurance_level"] != "3" || claims["sub"] != w.UUID {
		t.Errorf("claims %v", claims)
	}
}

// What binding must refuse.
func TestBindingAttacks(t *testing.T) {
	w := open(t)
	invite := func() string { return w.Invite(w.UUID, authn.AuthenticatorApp) }
	for range 5 {
		b := w.Browser()
		path := invite()
		for _, method := range []string{"HEAD", "GET", "GET"} {
			if got := b.Do(method, path, nil).StatusCode; got != 200 {
				t.Fatalf("L21 %s of the link: %d", method, got)
			}
		}
	}
	if len(w.Mails.All()) != 0 {
		t.Error("opening a link sent mail")
	}
	old := invite()
	path := invite()
	if got := w.Browser().Get(old).StatusCode; got != http.StatusGone {
		t.Errorf("an older link: %d", got)
	}
	b := w.Browser()
	at := b.Send(path, "email", "somebody@example.nhs.uk")
	jobtest.Settle(t, w.Jobs)
	if len(w.Mails.All()) != 0 {
		t.Error("a code went to an address that is not the identity's")
	}
	for i := range 9 {
		guess := fmt.Sprintf("BCDFGHJ%d", i)
		if got := b.Do("POST", at+"/code", logintest.Values("code", guess)).StatusCode; got != 422 {
			t.Fatalf("a guess: %d", got)
		}
	}
	if got := b.Do("POST", at+"/code", logintest.Values("code", "BCDFGHJK")).StatusCode; got != http.StatusGone {
		t.Errorf("after ten guesses: %d", got)
	}
	path = invite()
	b = w.Browser()
	at = b.Send(path, "email", "ada@example.nhs.uk")
	code := w.Mailed("Ada@example.nhs.uk")
	if got := w.Browser().Do("POST", at+"/code", logintest.Values("code", code)).StatusCode; got != http.StatusGone {
		t.Errorf("W22 another browser with the code: %d", got)
	}
	if to := b.Send(at+"/app", "code", "000000"); to != at {
		t.Errorf("the last step first goes to %s", to)
	}
	w.Clock.Advance(24 * time.Hour)
	if got := b.Do("POST", at+"/code", logintest.Values("code", code)).StatusCode; got != http.StatusGone {
		t.Errorf("a day later: %d", got)
	}
	w.Clock.Advance(-24 * time.Hour)
	b.Send(at+"/code", "code", code)
	if got := b.Do("POST", at+"/password", logintest.Values("password", "short")).StatusCode; got != 422 {
		t.Errorf("a short password: %d", got)
	}
	w.BindApp(t)
	got := b.Do("POST", at+"/password", logintest.Values("password", logintest.GoodPass)).StatusCode
	if got != http.StatusGone {
		t.Errorf("a binding whose link was replaced: %d", got)
	}
}

// W15: one credential belongs to one identity.
func TestACredentialIsRegisteredOnce(t *testing.T) {
	w, key := withKey(t)
	b := w.Browser()
	first := w.UUID
	w.Another(t)
	var second string
	w.View(func(ctx context.Context, r db.R) error {
		list, err := identity.ByEmail(ctx, r, "ada@example.nhs.uk")
		for _, i := range list {
			if i.UUID != first {
				second = i.UUID
			}
		}
		return err
	})
	at := w.BindPages(b, second, "Ada@example.nhs.uk", authn.SecurityKey)
	if got := b.Do("POST", at+"/key", logintest.Values("answer", b.Register(at, key))); got.StatusCode != 422 {
		t.Errorf("somebody else's key: %d", got.StatusCode)
	}
}

// W23: what the person's organisation has not approved does not let them in.
func TestUnapprovedAuthenticatorIsRefused(t *testing.T) {
	w, key := withKey(t)
	code := w.Browser().SignIn(logintest.Request(), key).Query().Get("code")
	if code == "" {
		t.Fatal("where nothing is said, every kind is approved")
	}
	w.at("FXX02")
	strict := logintest.NewDevice()
	w.BindDevice(strict, authn.SecurityKey)
	w.decides("FXX02", organisation.Policy{Kinds: []authn.Kind{authn.AuthenticatorApp}})
	b := w.Browser()
	at := b.SignIn(logintest.Request(), strict).String()
	got := logintest.Text(b.Get(at))
	if !strings.Contains(got, "Your organisation has not approved this authenticator") {
		t.Errorf("at %s: %s", at, got)
	}
}

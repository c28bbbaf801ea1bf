package login_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

// What can be proved and bound here, and the page on which each is.
func TestEachKindHasItsMethodAndItsPages(t *testing.T) {
	w := open(t)
	pages := map[authn.Kind]struct{ prove, bind string }{
		authn.SecurityKey:       {"Use your security key", "You are adding: Security Key"},
		authn.WindowsHello:      {"Use Windows Hello", "You are adding: Windows Hello"},
		authn.IPad:              {"Use your iPad", "You are adding: iPad"},
		authn.Passkey:           {"Use your passkey", "You are adding: Passkey"},
		authn.SmartcardInternet: {"Use your smartcard", "Register your smartcard"},
		authn.NHSMail: {"Log in with your NHS.net Connect account",
			"Connect your NHS.net Connect account"},
		authn.AuthenticatorApp: {"Log in with your authenticator app", "Choose a password for your authenticator app"},
	}
	for _, kind := range authn.Kinds() {
		want, supported := pages[kind]
		if _, err := w.Options.Ways.Of(kind); (err == nil) != supported {
			t.Errorf("%s: %v", kind, err)
		}
		b := w.Browser()
		at := b.Begin(logintest.Request())
		if offered, _ := offers(logintest.Text(b.Get(at))); slices.Contains(offered, kind) != supported {
			t.Errorf("%s: offered are %v", kind, offered)
		}
		chosen := b.Do("POST", at+"/authenticator", logintest.Values("authenticator", string(kind)))
		if !supported {
			if chosen.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("%s is not offered, and chosen: %d", kind, chosen.StatusCode)
			}
			continue
		}
		if got := logintest.Text(b.Get(at)); !strings.Contains(got, want.prove) {
			t.Errorf("%s is proved on: %s", kind, got)
		}
		got := logintest.Text(b.Get(w.BindPages(b, w.UUID, "Ada@example.nhs.uk", kind)))
		if !strings.Contains(got, want.bind) {
			t.Errorf("%s is bound on: %s", kind, got)
		}
	}
}

// A form of one kind's pages is nothing to a sign-in in which another was chosen.
func TestTheFormsOfAKindAreItsOwn(t *testing.T) {
	w := open(t)
	tried := 0
	for kind, others := range map[authn.Kind][]string{
		authn.SecurityKey:       {"password", "code"},
		authn.AuthenticatorApp:  {"options", "key", "code"},
		authn.SmartcardInternet: {"password", "code", "key"},
		authn.NHSMail:           {"key", "card", "reader"},
	} {
		b := w.Browser()
		at := b.Begin(logintest.Request())
		b.Send(at+"/authenticator", "authenticator", string(kind))
		binding := w.BindPages(b, w.UUID, "Ada@example.nhs.uk", kind)
		for _, name := range others {
			tried++
			for _, path := range []string{at, binding} {
				res := b.Do("POST", path+"/"+name, logintest.Values("failed", "NotAllowedError"))
				if to := res.Header.Get("Location"); res.StatusCode != http.StatusSeeOther || to != path {
					t.Errorf("%s chosen, posted to %s/%s: %d, %s", kind, path, name, res.StatusCode, to)
				}
			}
		}
	}
	t.Logf("tried %d, accepted 0", tried)
}

// A method refuses a state that another method made.
func TestMethodsRefuseTheStatesOfOthers(t *testing.T) {
	w := open(t)
	for _, way := range w.Options.Ways.All() {
		for _, state := range []string{``, `7`, `[]`, `{"challenge": 7, "app": 7, "password": 7}`} {
			a := authenticator.Attempt{
				DB: w.DB, Actor: actor.Actor{Kind: actor.Stranger},
				Kind: way.Kinds()[0], State: json.RawMessage(state),
			}
			if proof, err := way.FinishProof(t.Context(), a); err == nil || proof.Accept != nil {
				t.Errorf("%s: a proof begun as %q is finished", a.Kind, state)
			}
			if bind, err := way.FinishBinding(t.Context(), a, w.UUID); err == nil || bind != nil {
				t.Errorf("%s: a binding begun as %q is finished", a.Kind, state)
			}
		}
	}
}

// What a description can hold of an authenticator is made by the method of its kind; other kinds say that they cannot.
func TestAnAuthenticatorIsMadeFromADescription(t *testing.T) {
	w := open(t)
	for kind, want := range map[authn.Kind]error{
		authn.AuthenticatorApp: nil, authn.SecurityKey: authenticator.ErrNotMade, authn.IPad: authenticator.ErrNotMade,
	} {
		d := authenticator.Description{Kind: kind, Password: logintest.GoodPass, Secret: "JBSWY3DPEHPK3PXP"}
		err := w.DB.Update(t.Context(), logintest.Desk, func(u *db.W) error {
			_, err := w.Options.Ways.Make(t.Context(), u, w.UUID, d)
			return err
		})
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", kind, err, want)
		}
	}
	w.App = "JBSWY3DPEHPK3PXP"
	if !w.withApp(t, w.Browser()) {
		t.Error("nobody logs in with the app that was made")
	}
}

// The page that says that an authenticator was added is shown once, to the browser that added it.
func TestAddedIsShownOnce(t *testing.T) {
	w := open(t)
	b := w.Browser()
	at := w.BindPages(b, w.UUID, "Ada@example.nhs.uk", authn.SecurityKey)
	added := b.Send(at+"/key", "answer", b.Register(at, logintest.NewDevice()))
	if got := w.Browser().Get(added); got.Header.Get("Location") != "/" {
		t.Errorf("shown to anybody: %d", got.StatusCode)
	}
	if got := b.Get(added); got.StatusCode != http.StatusOK {
		t.Errorf("not shown to the browser that added it: %d", got.StatusCode)
	}
	if got := b.Get(added); got.Header.Get("Location") != "/" {
		t.Errorf("shown again: %d", got.StatusCode)
	}
}

// So is the page that says that somebody is logged out.
func TestLoggedOutIsShownOnce(t *testing.T) {
	w, key := withKey(t)
	b := w.Browser()
	b.SignIn(logintest.Request(), key)
	over := b.Send(b.Get(logintest.Realm + "/connect/endSession").Header.Get("Location"))
	if got := w.Browser().Get(over); got.Header.Get("Location") != "/" {
		t.Errorf("shown to anybody: %d", got.StatusCode)
	}
	if got := b.Get(over); !strings.Contains(logintest.Text(got), "You are logged out") {
		t.Errorf("not shown to the browser that logged out: %d", got.StatusCode)
	}
	if got := b.Get(over); got.Header.Get("Location") != "/" {
		t.Errorf("shown again: %d", got.StatusCode)
	}
}

func TestWithoutJavaScriptTheOtherWaysAreNamed(t *testing.T) {
	w := open(t)
	for class, want := range map[string]string{
		"AAL2_OR_AAL3_ANY": "or log in with: Smartcard (internet), Authenticator app",
		"AAL3_ANY":         "or log in with: Smartcard (internet)",
		"AAL3_FIDO2":       "Switch it on and load this page again.",
	} {
		b := w.Browser()
		at := b.Begin(logintest.Request("acr_values", class))
		b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
		_, rest, _ := strings.Cut(logintest.Text(b.Get(at)), "<noscript>")
		notice, _, found := strings.Cut(rest, "</noscript>")
		if !found || !strings.Contains(notice, want) {
			t.Errorf("%s: %s", class, notice)
		}
	}
}

package login_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
)

// decides sets the policy of an organisation.
func (w *world) decides(code string, p organisation.Policy) {
	w.Helper()
	w.ByDesk(func(dw *db.W) error {
		now, err := organisation.InForce(w.Context(), dw, code)
		if err != nil {
			return err
		}
		return organisation.Decide(w.Context(), dw, code, now.Number, p, "test")
	})
}

// mustBind fails unless a new key of a model is bound, or refused and the link left for another.
func (w *world) mustBind(t *testing.T, d *logintest.Device, want bool) {
	t.Helper()
	b := w.Browser()
	before := w.Count(`SELECT COUNT(*) FROM authenticator`)
	at := w.BindPages(b, w.UUID, "Ada@example.nhs.uk", authn.SecurityKey)
	answer := b.Do(http.MethodPost, at+"/key", logintest.Values("answer", b.Register(at, d)))
	bound := w.Count(`SELECT COUNT(*) FROM authenticator`) > before
	if bound != want {
		t.Errorf("bound: %v, want %v", bound, want)
	}
	if want {
		return
	}
	if page := logintest.Text(answer); !strings.Contains(page, "has not approved this kind or model") {
		t.Errorf("%d %s", answer.StatusCode, page)
	}
	if n := w.Count(`SELECT COUNT(*) FROM authenticator_invitation WHERE used_at IS NULL AND ends_at > $1`,
		w.Clock.Now()); n != 1 {
		t.Errorf("%d links are left", n)
	}
	if events := w.Events("authenticator.not-approved"); len(events) == 0 {
		t.Error("no event says so")
	}
}

// An organisation that refuses a model, or takes others only, refuses it when it is bound and when it is used. Another
// workplace that takes it is enough.
func TestModelsThatAnOrganisationRefuses(t *testing.T) {
	w := open(t)
	w.at("FXX02")
	w.Publish(1, certified("L2", "2024-01-01"))
	number := logintest.KeyModel().Number()
	key := logintest.NewDevice()
	w.mustBind(t, key, true)
	signsIn := func(want bool) {
		t.Helper()
		b := w.Browser()
		to := b.SignIn(logintest.Request(), key)
		if want != to.Query().Has("code") {
			t.Errorf("login: %s", to)
		}
		if want {
			return
		}
		_, events := w.refused(b, to.String())
		if len(events) != 1 || events[0].Reason != string(provider.NotApproved) {
			t.Errorf("refused as %+v", events)
		}
	}
	signsIn(true)
	keys := []authn.Kind{authn.SecurityKey}
	w.decides("FXX02", organisation.Policy{Kinds: keys, Rule: organisation.ExceptModels, Models: []string{number}})
	signsIn(false)
	w.mustBind(t, logintest.NewDevice(), false)
	w.mustBind(t, logintest.NewUnattested(), true)
	only := organisation.Policy{Kinds: keys, Rule: organisation.OnlyModels, Models: []string{number}}
	w.decides("FXX02", only)
	signsIn(true)
	w.mustBind(t, logintest.NewDevice(), true)
	w.mustBind(t, logintest.NewUnattested(), false)
	only.Models = []string{"2fc0579f-8113-47ea-b116-bb5a8db9202a"}
	w.decides("FXX02", only)
	signsIn(false)
	w.mustBind(t, logintest.NewDevice(), false)
}

// A refusal names what else the person has that would do, and not what would not.
func TestNotApprovedNamesWhatWouldDo(t *testing.T) {
	w := open(t)
	w.at("FXX02")
	key := logintest.NewDevice()
	w.BindDevice(key, authn.SecurityKey)
	w.decides("FXX02", organisation.Policy{Kinds: []authn.Kind{authn.AuthenticatorApp}})
	refused := func() string {
		b := w.Browser()
		page, events := w.refused(b, b.SignIn(logintest.Request(), key).String())
		if len(events) != 1 || events[0].Reason != string(provider.NotApproved) {
			t.Errorf("the reference finds %+v", events)
		}
		return page
	}
	if page := refused(); strings.Contains(page, "You have an authenticator that you can use") ||
		!strings.Contains(page, "ask your registration authority which ones are approved") {
		t.Errorf("with nothing else: %s", page)
	}
	w.ByDesk(func(dw *db.W) error {
		for _, kind := range []authn.Kind{authn.AuthenticatorApp, authn.Passkey} {
			_, err := authenticator.Bind(t.Context(), dw,
				authenticator.New{UUID: w.UUID, Kind: kind, Level: authn.AAL2})
			if err != nil {
				return err
			}
		}
		return nil
	})
	page := refused()
	if !strings.Contains(page, "You have an authenticator that you can use: Authenticator app. Log in with that one.") {
		t.Errorf("with an app and a passkey: %s", page)
	}
}

// Whoever added an authenticator reads at once why its level is lower than others of its kind have.
func TestThePageAfterAddingSaysWhyTheLevelIsLower(t *testing.T) {
	w := open(t)
	w.Publish(1, certified("L2", "2024-01-01"))
	added := func(d *logintest.Device) string {
		t.Helper()
		b := w.Browser()
		at := w.BindPages(b, w.UUID, "Ada@example.nhs.uk", authn.SecurityKey)
		return logintest.Text(b.Get(b.Send(at+"/key", "answer", b.Register(at, d))))
	}
	const lower = "Its level is AAL2, as nothing that we can check proves its make."
	if page := added(logintest.NewUnattested()); !strings.Contains(page, lower) {
		t.Errorf("without attestation: %s", page)
	}
	page := added(logintest.NewDevice())
	if strings.Contains(page, "Its level is") || !strings.Contains(page, "Add a second authenticator too") {
		t.Errorf("certified: %s", page)
	}
}

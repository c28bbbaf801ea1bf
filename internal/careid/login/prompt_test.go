package login_test

import (
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
)

var radio = regexp.MustCompile(`<input class="nhsuk-radios__input"[^>]*value="([a-z_]+)"([^>]*)>`)

var lastButton = regexp.MustCompile(`<button [^>]*name="authenticator" value="([a-z_]+)">`)

// offers lists the ways to sign in among which a page lets people choose, and the one that has a button of its own
// because it was used last.
func offers(page string) (kinds []authn.Kind, last authn.Kind) {
	for _, m := range radio.FindAllStringSubmatch(page, -1) {
		kinds = append(kinds, authn.Kind(m[1]))
	}
	if m := lastButton.FindStringSubmatch(page); m != nil {
		last = authn.Kind(m[1])
	}
	return kinds, last
}

// withPasskey makes a world whose person has a passkey.
func withPasskey(t *testing.T) (*world, *logintest.Device) {
	t.Helper()
	w := open(t)
	d := logintest.NewUnattested()
	w.BindDevice(d, authn.Passkey)
	return w, d
}

const (
	levelTwo   = "AAL2_OR_AAL3_ANY"
	levelThree = "AAL3_ANY"
)

// A passkey that the browser offers on the page of the choice signs its owner in there, and nobody has chosen before.
func TestAPasskeyComesUpByItself(t *testing.T) {
	w, passkey := withPasskey(t)
	b := w.Browser()
	at := b.Begin(logintest.Request("acr_values", levelTwo))
	page := logintest.Text(b.Get(at))
	if !strings.Contains(page, `data-comes-up="passkey"`) ||
		!strings.Contains(page, `autocomplete="username webauthn"`) {
		t.Errorf("the page does not ask the browser: %s", page)
	}
	answer := b.TouchFor(at, authn.Passkey, passkey)
	if kinds, _ := offers(logintest.Text(b.Get(at))); !slices.Equal(kinds, w.Options.Ways.Kinds()) {
		t.Errorf("once the browser was asked, the page offers %v", kinds)
	}
	if to := b.Send(at+"/key", "answer", answer); !strings.Contains(to, "code=") {
		t.Errorf("the answer leads to %s", to)
	}
	again := logintest.Text(b.Get(b.Begin(logintest.Request("acr_values", levelTwo, "prompt", "login"))))
	if kinds, last := offers(again); last != authn.Passkey || slices.Contains(kinds, last) ||
		!strings.Contains(again, "autofocus") || strings.Count(again, `id="email"`) != 1 {
		t.Errorf("the next time it offers first %q: %s", last, again)
	}
}

// The page asks the browser by itself for nothing that would not be enough.
func TestNothingComesUpThatIsNotEnough(t *testing.T) {
	w, passkey := withPasskey(t)
	b := w.Browser()
	at := b.Begin(logintest.Request("acr_values", levelThree))
	if page := logintest.Text(b.Get(at)); strings.Contains(page, "data-comes-up") ||
		strings.Contains(page, "webauthn\"") {
		t.Errorf("where passkeys are not enough: %s", page)
	}
	tried, accepted := 0, 0
	for _, kind := range []authn.Kind{authn.Passkey, authn.AuthenticatorApp, "pigeon", ""} {
		tried++
		res := b.Do(http.MethodPost, at+"/options", logintest.Values("authenticator", string(kind)))
		if res.StatusCode != http.StatusSeeOther {
			accepted++
			t.Errorf("asked for %q: %d", kind, res.StatusCode)
		}
	}
	tried++
	stray := b.Do(http.MethodPost, at+"/key", logintest.Values("answer", "{}"))
	if to := stray.Header.Get("Location"); stray.StatusCode != http.StatusSeeOther || to != at {
		accepted++
		t.Errorf("an answer to no question: %d, %s", stray.StatusCode, to)
	}
	tried++ // asked for as something else, a passkey is still one
	if to := b.Send(at+"/key", "answer", b.TouchFor(at, authn.SecurityKey, passkey)); to != at {
		accepted++
		t.Errorf("a passkey where a security key was asked for leads to %s", to)
	}
	if page, _ := w.refused(b, at); !strings.Contains(page, "needs a stronger authenticator") {
		t.Errorf("it is told: %s", page)
	}
	t.Logf("tried %d, accepted %d", tried, accepted)
}

// What came up is nothing any more once another way was chosen, and a wrong answer is told on the page of its way.
func TestWhatIsChosenCountsMoreThanWhatComesUp(t *testing.T) {
	w, passkey := withPasskey(t)
	b := w.Browser()
	at := b.Begin(logintest.Request("acr_values", levelTwo))
	answer := b.TouchFor(at, authn.Passkey, passkey)
	b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp), "email", "ada@example.nhs.uk")
	if to := b.Send(at+"/key", "answer", answer); to != at {
		t.Errorf("an answer after another choice leads to %s", to)
	}
	if page := logintest.Text(b.Get(at)); !strings.Contains(page, "Log in with your authenticator app") ||
		!strings.Contains(page, `value="ada@example.nhs.uk"`) {
		t.Errorf("the chosen way: %s", page)
	}
	b.Send(at + "/again")
	b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp), "email", "ada <script>")
	if page := logintest.Text(b.Get(at)); strings.Contains(page, "ada <") || strings.Contains(page, "ada &lt;") {
		t.Errorf("what is no address is filled in: %s", page)
	}
	b.Send(at + "/again")
	answer = b.TouchFor(at, authn.Passkey, forged(passkey))
	wrong := b.Do(http.MethodPost, at+"/key", logintest.Values("answer", answer))
	if got := said(b, wrong); !strings.Contains(got, "Your authenticator was not accepted") || w.wrongTries() != 1 {
		t.Errorf("a forged answer: %q, counted %d times", got, w.wrongTries())
	}
	if page := logintest.Text(b.Get(at)); !strings.Contains(page, "Use your passkey") {
		t.Errorf("after a forged answer: %s", page)
	}
}

// A choice that is made while the page asks the browser is taken; of two choices at once, the first.
func TestAChoiceIsNotLostToWhatComesUp(t *testing.T) {
	w, passkey := withPasskey(t)
	b := w.Browser()
	load := func(at string) provider.Flow {
		id := strings.TrimPrefix(at, provider.FlowPath)
		for _, value := range b.Cookies {
			if f, err := w.Provider.Load(t.Context(), id, value); err == nil {
				return f
			}
		}
		t.Fatal("the sign-in is not under way")
		return provider.Flow{}
	}
	at := b.Begin(logintest.Request("acr_values", levelTwo))
	before := load(at)
	b.TouchFor(at, authn.Passkey, passkey)
	if err := w.Provider.Choose(t.Context(), before, authn.SecurityKey, ""); err != nil {
		t.Errorf("a choice at the same moment: %v", err)
	}
	if now := load(at); now.State.Chosen != authn.SecurityKey || now.State.Ceremony != nil || now.State.Prompted != "" {
		t.Errorf("stored is %+v", now.State)
	}
	err := w.Provider.Choose(t.Context(), before, authn.WindowsHello, "")
	if now := load(at); !errors.Is(err, authenticator.ErrOvertaken) || now.State.Chosen != authn.SecurityKey {
		t.Errorf("a second choice: %v, chosen is %s", err, now.State.Chosen)
	}
}

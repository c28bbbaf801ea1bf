package login_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
)

// toApp goes to the page of an app's password and types it.
func toApp(b *logintest.Browser, plain string) (at string, status int) {
	at = b.Begin(logintest.Request("prompt", "login"))
	b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
	res := b.Do("POST", at+"/password", logintest.Values("email", "ada@example.nhs.uk", "password", plain))
	return at, res.StatusCode
}

// withApp logs in with the app and reports whether the code was accepted.
func (w *world) withApp(t *testing.T, b *logintest.Browser) bool {
	t.Helper()
	w.Clock.Advance(time.Minute) // for another code
	at, status := toApp(b, logintest.GoodPass)
	if status != http.StatusSeeOther {
		return false
	}
	return b.Do("POST", at+"/code", logintest.Values("code", w.AppCode(t))).StatusCode < 400
}

// Ten guesses of a stranger lock an authenticator app for some minutes, but not on a device that its owner used before,
// nor the owner's other authenticators; the page says until when.
func TestStrangersDoNotLockOutAKnownDevice(t *testing.T) {
	w, key := withKey(t)
	w.BindApp(t)
	hers := w.Browser()
	if !w.withApp(t, hers) {
		t.Fatal("the honest login is refused")
	}
	stranger := w.Browser()
	for range 10 {
		if _, status := toApp(stranger, "a guess"); status != http.StatusUnprocessableEntity {
			t.Fatalf("a guess: %d", status)
		}
	}
	if w.withApp(t, w.Browser()) {
		t.Error("a browser that nobody knows is not locked")
	}
	if !w.withApp(t, hers) {
		t.Error("her own browser is locked by a stranger's guesses")
	}
	if w.Browser().SignIn(logintest.Request(), key).Query().Get("code") == "" {
		t.Error("her security key is locked too")
	}
	w.Clock.Advance(5 * time.Minute)
	if !w.withApp(t, w.Browser()) {
		t.Error("the lock did not end")
	}
	for range 10 {
		toApp(hers, "a guess")
	}
	if w.withApp(t, hers) || !w.withApp(t, w.Browser()) {
		t.Error("ten guesses on her browser do not lock that browser, and it alone")
	}
}

// Whoever knows the password is told until when the app is locked. The session that is there goes on.
func TestALockSaysUntilWhen(t *testing.T) {
	w := open(t)
	w.BindApp(t)
	inside := w.Browser()
	if !w.withApp(t, inside) {
		t.Fatal("the honest login is refused")
	}
	b := w.Browser()
	at, _ := toApp(b, logintest.GoodPass)
	for range 10 {
		b.Do("POST", at+"/code", logintest.Values("code", "000000"))
	}
	b.Send(at+"/code", "code", w.AppCode(t))
	page, _ := w.refused(b, at)
	for _, want := range []string{"The lock ends by itself on ", "ask your registration authority to end the lock"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q: %s", want, page)
		}
	}
	if code, refused := inside.Silently(logintest.Request("prompt", "none")); code == "" {
		t.Errorf("the session that was there: %s", refused)
	}
}

// The service desk reads to which service somebody wanted to log in who typed a wrong code.
func TestAWrongCodeSaysAtWhichService(t *testing.T) {
	w := open(t)
	w.BindApp(t)
	b := w.Browser()
	at, _ := toApp(b, logintest.GoodPass)
	b.Do("POST", at+"/code", logintest.Values("code", "000000"))
	const wrong = `SELECT COUNT(*) FROM event e JOIN event_detail d ON d.event_id = e.id
		WHERE e.kind = 'authenticator.refused' AND d.after_json = '{"client":"` + logintest.ClientID + `"}'`
	if n := w.Count(wrong); n != 1 {
		t.Errorf("%d events name the service", n)
	}
}

// Guesses at an address that nobody has are counted, and leave no event.
func TestGuessesAtNobodysAppAreNoEvents(t *testing.T) {
	w := open(t)
	const events = `SELECT COUNT(*) FROM event WHERE kind = 'authenticator.refused'`
	before := w.Count(events)
	b := w.Browser()
	for range 11 {
		toApp(b, "a guess")
	}
	if n := w.Count(events) - before; n != 0 || w.Count(`SELECT COUNT(*) FROM wrong_try WHERE locks = 1`) != 1 {
		t.Errorf("%d events of 11 guesses at nobody", n)
	}
}

// A stranger who tries one password at each of many people is slowed after 20 in a minute, in the same words whether
// there is such a person, and keeps nobody out on a device that they used before.
func TestOneGuessAtEachOfManyIsSlowed(t *testing.T) {
	w := open(t)
	w.BindApp(t)
	hers := w.Browser()
	if !w.withApp(t, hers) {
		t.Fatal("the honest login is refused")
	}
	w.Clock.Advance(time.Minute)
	guess := func(b *logintest.Browser, address string) string {
		at := b.Begin(logintest.Request("prompt", "login"))
		b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
		return said(b, b.Do("POST", at+"/password", logintest.Values("email", address, "password", "a guess")))
	}
	stranger := w.Browser()
	looked := 0
	for n := range 30 {
		if strings.Contains(guess(stranger, fmt.Sprintf("p%d@example.nhs.uk", n)), "is not right") {
			looked++
		}
	}
	if looked != 20 {
		t.Errorf("%d of 30 guesses were looked at in a minute", looked)
	}
	const slowed = "Too many wrong passwords and codes came from your network"
	for _, address := range []string{adasAddress, "nobody@example.nhs.uk"} { // whoever it is
		if got := guess(stranger, address); !strings.Contains(got, slowed) {
			t.Errorf("%s: %q", address, got)
		}
	}
	unknown := w.Browser()
	unknown.Address = stranger.Address
	hers.Address = stranger.Address
	if _, status := toApp(unknown, logintest.GoodPass); status != http.StatusUnprocessableEntity {
		t.Errorf("a right password on the same network, in an unknown browser: %d", status)
	}
	if _, status := toApp(hers, logintest.GoodPass); status != http.StatusSeeOther {
		t.Errorf("her own browser, on the same network: %d", status)
	}
	w.Clock.Advance(time.Minute)
	if !w.withApp(t, w.Browser()) {
		t.Error("it did not end by itself")
	}
}

// What nobody guesses slows nobody: neither twenty people without a card in its reader, nor keys that are not right.
func TestWrongCardsAndKeysSlowNobody(t *testing.T) {
	w, cards, card := withCard(t)
	w.BindApp(t)
	key := logintest.NewDevice()
	w.BindDevice(key, authn.SecurityKey)
	wrong := *key
	wrong.RelyingParty.Origin = "https://evil.example"
	inside := func() *logintest.Browser {
		b := w.Browser()
		b.Address = "192.0.2.77:1234"
		return b
	}
	for range 21 {
		in, problem := signsIn(t, inside(), cards, nil)
		if in || !strings.Contains(problem, "did not show us a smartcard") {
			t.Fatalf("no card: %q", problem)
		}
		b := inside()
		at := b.Begin(logintest.Request())
		b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
		res := b.Do("POST", at+"/key", logintest.Values("answer", b.Touch(at, &wrong)))
		if got := said(b, res); !strings.Contains(got, "was not accepted") {
			t.Fatalf("a wrong key: %q", got)
		}
	}
	if in, problem := signsIn(t, inside(), cards, card); !in {
		t.Errorf("the right card: %q", problem)
	}
	if !w.withApp(t, inside()) {
		t.Error("the right password and code are not looked at")
	}
}

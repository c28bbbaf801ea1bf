package login_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/esr"
	"signpost/internal/careid/identity"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/web/webtest"
)

const newPass = "wombats in wellingtons"

// forgets begins to set another password for an address, and gives the login and the page of the codes.
func (w *world) forgets(b *logintest.Browser, address string) (at, codes string) {
	w.Helper()
	at = b.Begin(logintest.Request("prompt", "login"))
	b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
	return at, b.Send(at+"/forgotten", "email", address)
}

// resetCode gives the newest code that was mailed to set a password, or nothing.
func (w *world) resetCode(address string) (code string) {
	w.Helper()
	jobtest.Settle(w, w.Jobs)
	for _, m := range w.Mails.To(address) {
		if m.Kind == "authenticator.password-code" {
			_, rest, _ := strings.Cut(m.Text, "Your code is ")
			code, _, _ = strings.Cut(rest, "\n")
		}
	}
	return code
}

// passes reports whether a password is right for Ada's app.
func (w *world) passes(plain string) bool {
	w.Helper()
	_, status := toApp(w.Browser(), plain)
	return status == http.StatusSeeOther
}

// Whoever has the mailbox and the app chooses another password, is told at every address, and is logged out elsewhere.
func TestForgottenPassword(t *testing.T) {
	w := open(t)
	w.BindApp(t)
	w.ByDesk(func(dw *db.W) error {
		return esr.Put(t.Context(), dw, []esr.Record{
			{UUID: w.UUID, Email: "ada@trust.nhs.uk", EmailKey: "ada@trust.nhs.uk"},
		})
	})
	inside := w.Browser()
	if !w.withApp(t, inside) {
		t.Fatal("the honest login is refused")
	}
	w.Clock.Advance(time.Minute) // for another code
	b := w.Browser()
	at, codes := w.forgets(b, adasAddress)
	used := w.AppCode(t)
	if to := b.Send(codes, "code", w.resetCode(adasAddress), "app", used, "password", newPass); to != at {
		t.Fatalf("the password was not set: %q", to)
	}
	if page := webtest.Text(logintest.Text(b.Get(at))); !strings.Contains(page, "Your password has been changed") {
		t.Errorf("it is not said that it was: %s", page)
	}
	b.Send(at+"/password", "email", adasAddress, "password", newPass)
	if signed := b.Do(http.MethodPost, at+"/code", logintest.Values("code", used)); signed.StatusCode < 400 {
		t.Error("the code of the app was taken twice")
	}
	if w.passes(logintest.GoodPass) || !w.passes(newPass) {
		t.Error("the password before still works, or the new one does not")
	}
	jobtest.Settle(t, w.Jobs)
	for _, address := range []string{adasAddress, "ada@trust.nhs.uk"} {
		told := 0
		for _, m := range w.Mails.To(address) {
			if m.Kind == "authenticator.password-set" {
				told++
			}
		}
		if told != 1 {
			t.Errorf("%s: told %d times", address, told)
		}
	}
	if code, _ := inside.Silently(logintest.Request("prompt", "none")); code != "" {
		t.Error("a session that the password before began goes on")
	}
	page := webtest.Text(logintest.Text(inside.Get("/my-sessions")))
	if !strings.Contains(page, "Another password was set") {
		t.Errorf("its browser is not told why: %s", page)
	}
}

// Neither the mailbox alone nor the app alone sets a password. Only who reads the mailbox can guess at the app, which
// then counts as at any login.
func TestAForgottenPasswordTakesBoth(t *testing.T) {
	w := open(t)
	w.BindApp(t)
	w.Clock.Advance(time.Minute)
	b := w.Browser()
	_, codes := w.forgets(b, adasAddress)
	page := webtest.Text(logintest.Text(b.Get(codes)))
	if !strings.Contains(page, "New password") || !strings.Contains(page, "a code by email is not enough") {
		t.Errorf("the page does not say what to do without the app: %s", page)
	}
	mailed, app := w.resetCode(adasAddress), w.AppCode(t)
	before := w.wrongTries()
	refused := func(name, code, app, plain, want string) {
		t.Helper()
		w.Clock.Advance(6 * time.Second)
		page := said(b, b.Do(http.MethodPost, codes, logintest.Values("code", code, "app", app, "password", plain)))
		if !strings.Contains(page, want) {
			t.Errorf("%s: %q", name, page)
		}
	}
	refused("no mailed code", "KDF7 2M9X", app, newPass, "Enter the code from the newest email")
	refused("no code at all", "", app, newPass, "Enter the code from the newest email")
	if w.wrongTries() != before {
		t.Error("a wrong mailed code counts against the app")
	}
	refused("a password that everybody knows", mailed, app, "Password1", "known to people who guess")
	refused("a name", mailed, w.AppCode(t), "example of mine", "does not contain your name")
	for range 10 {
		refused("no app", mailed, "000000", newPass, "Enter the 6 digits that your authenticator app shows")
	}
	if n := w.wrongTries() - before; n != 10 {
		t.Errorf("%d wrong tries at the app", n)
	}
	refused("the right codes while it is locked", mailed, w.AppCode(t), newPass, "Wait some minutes, at most an hour")
	w.Clock.Advance(5 * time.Minute)
	if !w.passes(logintest.GoodPass) {
		t.Fatal("the password was changed")
	}
	b.Send(codes, "code", mailed, "app", w.AppCode(t), "password", newPass)
	if !w.passes(newPass) {
		t.Error("the new password does not work")
	}
}

// Whoever has the phone and the mailbox of somebody suspended sets no password with which to log in later.
func TestNobodySetsThePasswordOfSomebodySuspended(t *testing.T) {
	w := open(t)
	w.BindApp(t)
	w.Clock.Advance(time.Minute)
	b := w.Browser()
	_, codes := w.forgets(b, adasAddress)
	mailed := w.resetCode(adasAddress)
	w.ByDesk(func(dw *db.W) error {
		return identity.MovePart(t.Context(), dw, w.UUID, identity.Suspend, "the phone was stolen")
	})
	set := func() string {
		both := logintest.Values("code", mailed, "app", w.AppCode(t), "password", newPass)
		return said(b, b.Do(http.MethodPost, codes, both))
	}
	set()
	_, codes = w.forgets(b, adasAddress)
	if again := w.resetCode(adasAddress); again != mailed {
		t.Error("another code was mailed")
	}
	set()
	w.ByDesk(func(dw *db.W) error {
		return identity.MovePart(t.Context(), dw, w.UUID, identity.Resume, "back")
	})
	if w.passes(newPass) || !w.passes(logintest.GoodPass) {
		t.Error("the password was set meanwhile")
	}
}

// An address that is nobody's, or of somebody without an app, is answered as that of somebody with one.
func TestAForgottenPasswordTellsNobodyWhoThereIs(t *testing.T) {
	w := open(t)
	w.BindApp(t)
	walk := func(address string) (said []string) {
		b := w.Browser()
		at := b.Begin(logintest.Request())
		b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
		hidden := strings.NewReplacer(at, "…")
		read := func(res *http.Response) {
			said = append(said, hidden.Replace(webtest.Unsealed(logintest.Text(res)+res.Header.Get("Location"))))
		}
		post := func(form ...string) { read(b.Do(http.MethodPost, at+"/new-password", logintest.Values(form...))) }
		read(b.Do(http.MethodPost, at+"/forgotten", logintest.Values("email", address)))
		read(b.Get(at + "/new-password"))
		post("code", "KDF7 2M9X", "app", "000000", "password", newPass)
		post("another", "yes")
		for range 5 {
			w.Clock.Advance(6 * time.Second)
			post("code", "KDF7 2M9Z", "app", "000000", "password", newPass)
			post("code", "KDF7 2M9Y", "app", "000000", "password", newPass)
			post("another", "yes")
		}
		return said
	}
	known, unknown := walk("ada@example.nhs.uk"), walk("eve@example.nhs.uk")
	for i := range known {
		if known[i] != unknown[i] {
			t.Errorf("step %d tells who has an app:\n%s\n%s", i, known[i], unknown[i])
		}
	}
	if len(w.resetCode("eve@example.nhs.uk")) != 0 || w.resetCode("Ada@example.nhs.uk") == "" {
		t.Error("codes went to others than those who have an app")
	}
}

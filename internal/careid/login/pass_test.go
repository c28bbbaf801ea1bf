package login_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// pass makes a temporary access pass for the world's person.
func (w *world) pass() (pass string) {
	w.Helper()
	return worldtest.Must(db.Write(w.Context(), w.DB, logintest.Desk, func(dw *db.W) (string, error) {
		id, err := authenticator.AskForPass(w.Context(), dw, w.UUID, []authn.Kind{authn.SecurityKey}, time.Hour, "seen")
		if err != nil {
			return "", err
		}
		p, err := authenticator.PassByID(w.Context(), dw, id)
		if err != nil {
			return "", err
		}
		made, _, err := authenticator.MakePass(w.Context(), dw, p)
		return made, err
	}))(w)
}

// Whoever lost their key gets another with a pass, which alone opens nothing, and is told of it all.
func TestAPassReplacesALostKey(t *testing.T) {
	w := open(t)
	b := w.Browser()
	at := b.Begin(logintest.Request())
	if page := logintest.Text(b.Get(at)); !strings.Contains(page, `href="/lost-authenticator"`) {
		t.Error("the choice does not say what to do about a lost one")
	}
	if page := logintest.Text(b.Get("/lost-authenticator")); !strings.Contains(page, `href="/access-pass"`) {
		t.Error("the page of a lost one does not lead to the pass")
	}
	pass := w.pass()
	for name, typed := range map[string][2]string{
		"another's address": {"nobody@example.nhs.uk", pass}, "no address": {"", pass},
		"another pass": {adasAddress, "BCDF GHJK"}, "no pass": {adasAddress, ""},
	} {
		res := b.Do(http.MethodPost, "/access-pass", logintest.Values("email", typed[0], "pass", typed[1]))
		if res.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d %s", name, res.StatusCode, res.Header.Get("Location"))
		}
	}
	link := b.Send("/access-pass", "email", strings.ToUpper(adasAddress), "pass", strings.ToLower(pass))
	if !strings.HasPrefix(link, "/bind/") {
		t.Fatalf("the pass leads to %s", link)
	}
	if page := logintest.Text(b.Get("/my-sessions")); !strings.Contains(page, "not logged in") {
		t.Error("a pass logs somebody in")
	}
	if other := logintest.Text(w.Browser().Get(link)); strings.Contains(other, "ADA@example.nhs.uk") {
		t.Error("another browser is shown whose link it is")
	}
	for n, shown := range []bool{true, false} {
		page := logintest.Text(b.Get(link))
		if strings.Contains(page, `value="ADA@example.nhs.uk"`) != shown {
			t.Errorf("visit %d of the link: the address that was typed is there: %v", n+1, !shown)
		}
	}
	key := logintest.NewDevice()
	at = b.Send(link, "email", adasAddress)
	b.Send(at+"/code", "code", w.Mailed(adasAddress))
	b.Send(at+"/key", "answer", b.Register(at, key))
	b.SignIn(logintest.Request(), key)
	w.Settle()
	told := map[string]bool{}
	for _, m := range w.Mails.All() {
		told[m.Subject] = true
	}
	for _, want := range []string{"A temporary access pass was made for you", "Your temporary access pass was used",
		"An authenticator was added to your Care Identity"} {
		if !told[want] {
			t.Errorf("not told: %s, only %v", want, told)
		}
	}
}

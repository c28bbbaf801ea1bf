package login_test

import (
	"maps"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/worldtest"
)

// rivals sends one form several times at once from one browser, and gives each answer with the browser that has the
// cookies that came with it.
func rivals(one *logintest.Browser, path string, form url.Values) map[*logintest.Browser]*http.Response {
	ends := map[*logintest.Browser]*http.Response{}
	var together sync.WaitGroup
	var mu sync.Mutex
	for range 6 {
		each := one.World.Browser() // the same one, as far as cookies tell
		each.Cookies = maps.Clone(one.Cookies)
		together.Go(func() {
			res := each.Do(http.MethodPost, path, form)
			mu.Lock()
			defer mu.Unlock()
			ends[each] = res
		})
	}
	together.Wait()
	return ends
}

// wrongTries counts the proofs that were refused.
func (w *world) wrongTries() int64 {
	w.Helper()
	n := worldtest.Must(db.Glance(w.Context(), w.DB, func(r db.R) (int64, error) {
		return db.Value[int64](w.Context(), r, `SELECT COUNT(*) FROM event WHERE kind = $1`, authenticator.WrongTry)
	}))(w)
	return n
}

// Of several requests that would end one sign-in, sent at once, one does. The others are told that the sign-in went on,
// with a link to the service, and not that they were wrong.
func TestASignInEndsOnce(t *testing.T) {
	w, key := withKey(t)
	w.BindApp(t)
	w.Clock.Advance(time.Minute) // the code of the binding cannot be used again
	w.Position("S8000:G8000:R8000")
	for name, last := range map[string]func(b *logintest.Browser, at string) (path string, form url.Values){
		"by a key": func(b *logintest.Browser, at string) (string, url.Values) {
			b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
			return at + "/key", logintest.Values("answer", b.Touch(at, key))
		},
		"by an app": func(b *logintest.Browser, at string) (string, url.Values) {
			b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
			b.Send(at+"/password", "email", "ada@example.nhs.uk", "password", logintest.GoodPass)
			return at + "/code", logintest.Values("code", w.AppCode(t))
		},
		"by a role": func(b *logintest.Browser, at string) (string, url.Values) {
			b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
			b.Send(at+"/key", "answer", b.Touch(at, key))
			return at + "/role", logintest.Values("role", w.Roles()[0])
		},
	} {
		t.Run(name, func(t *testing.T) {
			scope := map[string]string{"by a role": "openid selectedrole"}[name]
			one := w.Browser()
			at := one.Begin(logintest.Request("scope", scope+" openid"))
			path, form := last(one, at)
			codes := 0
			for each, end := range rivals(one, path, form) {
				if strings.Contains(end.Header.Get("Location"), "code=") {
					codes++
					continue
				}
				if to := end.Header.Get("Location"); end.StatusCode != http.StatusSeeOther || to != at {
					t.Errorf("one of the others was told %d, %s: %s", end.StatusCode, to, logintest.Heading(end))
				}
				page := logintest.Text(each.Get(at))
				if !strings.Contains(page, "This login has already gone on") ||
					!strings.Contains(page, `href="https://dos.example.nhs.uk/"`) {
					t.Errorf("one of the others reads:\n%s", page)
				}
			}
			if codes != 1 || w.wrongTries() != 0 {
				t.Errorf("%d codes for one sign-in, %d wrong tries", codes, w.wrongTries())
			}
		})
	}
}

// Where a role is chosen after the proof, the others go on to that choice as soon as the browser has the session.
func TestAProofCountsOnce(t *testing.T) {
	w, key := withKey(t)
	w.Position("S8000:G8000:R8000")
	key.Credential.Counter = 5 // one that counts its answers
	one := w.Browser()
	at := one.Begin(logintest.Request("scope", "openid selectedrole"))
	one.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	form := logintest.Values("answer", one.Touch(at, key))
	session := ""
	ends := rivals(one, at+"/key", form)
	for each, end := range ends {
		if to := end.Header.Get("Location"); to != at {
			t.Errorf("%d, %s: %s", end.StatusCode, to, logintest.Heading(end))
		}
		if session == "" {
			session = each.Cookies["__Host-sso"]
		}
	}
	for each := range ends {
		if page := logintest.Text(each.Get(at)); each.Cookies["__Host-sso"] == "" &&
			(!strings.Contains(page, "This login has already gone on") || !strings.Contains(page, `href="`+at+`"`)) {
			t.Errorf("before the session is there:\n%s", page)
		}
		each.Cookies["__Host-sso"] = session
		if page := logintest.Text(each.Get(at)); !strings.Contains(page, "Which role are you working in?") {
			t.Errorf("with the session:\n%s", page)
		}
	}
	if w.wrongTries() != 0 {
		t.Errorf("%d wrong tries", w.wrongTries())
	}
	key.Credential.Counter++
	if to := w.Browser().SignIn(logintest.Request(), key); to.Query().Get("code") == "" {
		t.Errorf("the key is taken for a copy: %s", to)
	}
}

// Of several posts that would add one authenticator, one does, and all are told that it was added.
func TestABindingEndsOnce(t *testing.T) {
	w := open(t)
	one := w.Browser()
	path := w.Invite(w.UUID, authn.AuthenticatorApp)
	at := one.Send(path, "email", "Ada@example.nhs.uk")
	for _, end := range rivals(one, at+"/code", logintest.Values("code", w.Mailed("Ada@example.nhs.uk"))) {
		if to := end.Header.Get("Location"); to != at {
			t.Errorf("the mailed code: %d, %s: %s", end.StatusCode, to, logintest.Heading(end))
		}
	}
	for _, end := range rivals(one, at+"/password", logintest.Values("password", logintest.GoodPass)) {
		if to := end.Header.Get("Location"); to != at {
			t.Errorf("the password: %d, %s: %s", end.StatusCode, to, logintest.Heading(end))
		}
	}
	w.App = logintest.AppSecret(t, one.Get(at))
	for each, end := range rivals(one, at+"/app", logintest.Values("code", w.AppCode(t))) {
		to := end.Header.Get("Location")
		if to == at {
			to = each.Get(at).Header.Get("Location")
		}
		if to != "/authenticator-added" || !strings.Contains(logintest.Text(each.Get(to)), "Authenticator added") {
			t.Errorf("the app: %d, %s: %s", end.StatusCode, to, logintest.Heading(end))
		}
	}
	if w.wrongTries() != 0 {
		t.Errorf("%d wrong tries", w.wrongTries())
	}
}

// Of several answers to whether to log out, each is told that they are logged out.
func TestASignOutIsAnsweredOnce(t *testing.T) {
	w, key := withKey(t)
	one := w.Browser()
	one.SignIn(logintest.Request(), key)
	asks := one.Get(logintest.Realm + "/connect/endSession").Header.Get("Location")
	for each, end := range rivals(one, asks, url.Values{}) {
		to := end.Header.Get("Location")
		if to != "/signed-out" || !strings.Contains(logintest.Text(each.Get(to)), "You are logged out") {
			t.Errorf("%d, %s: %s", end.StatusCode, to, logintest.Heading(end))
		}
	}
}

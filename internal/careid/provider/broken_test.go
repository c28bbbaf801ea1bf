package provider_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/web/webtest"
)

// unanswered asks while one statement after the other fails, and the whole database first, until no statement is left
// to fail, and fails the test if anything else is said than that the service is not available. ask makes a request
// that would be answered.
func (w *world) unanswered(t *testing.T, name string, ask func() *http.Request) {
	t.Helper()
	breaking := dbtest.Breaking(t, w.DB) // and not for the jobs that run meanwhile
	for statement := int64(0); ; statement++ {
		r := ask()
		answer := httptest.NewRecorder()
		asker, mend := breaking(r.Context(), statement)
		w.Site.ServeHTTP(answer, r.WithContext(asker))
		if !mend() {
			if statement < 2 {
				t.Errorf("%s asks the database nothing: the test would prove nothing", name)
			}
			return
		}
		if answer.Code != http.StatusServiceUnavailable || answer.Header().Get("Retry-After") == "" {
			t.Errorf("%s, statement %d: %d %s", name, statement, answer.Code, answer.Body)
		}
		var said struct{ Error string }
		if err := json.Unmarshal(answer.Body.Bytes(), &said); err == nil && said.Error != "temporarily_unavailable" {
			t.Errorf("%s, statement %d: the program is told %s", name, statement, said.Error)
		}
	}
}

// A database that does not answer makes no assertion, code, token or authenticator a wrong one.
func TestABrokenDatabaseProvesNothingWrong(t *testing.T) {
	w, key := withKey(t)
	code := func() string { return w.Browser().SignIn(logintest.Request(), key).Query().Get("code") }
	live := w.Redeem(code()).AccessToken
	call := func(path string, form func() url.Values) func() *http.Request {
		return func() *http.Request {
			return webtest.Request(http.MethodPost, logintest.Realm+path, form())
		}
	}
	w.unanswered(t, "token", call("/access_token", func() url.Values {
		return w.proved("grant_type", "authorization_code", "code", code(), "redirect_uri", logintest.Callback,
			"client_id", logintest.ClientID, "code_verifier", logintest.Verifier)
	}))
	// Of this one, the code is refused once the database answers.
	w.unanswered(t, "token by secret", call("/access_token", func() url.Values {
		return logintest.Values("grant_type", "authorization_code", "code", "none", "client_id", logintest.OtherID,
			"client_secret", logintest.Secret)
	}))
	w.unanswered(t, "pushed request", call("/par", func() url.Values {
		return w.proved(logintest.Pairs(logintest.Request())...)
	}))
	w.unanswered(t, "introspection", call("/introspect", func() url.Values { return w.proved("token", live) }))
	w.unanswered(t, "revocation", call("/token/revoke", func() url.Values { return w.proved("token", live) }))
	w.unanswered(t, "userinfo", func() *http.Request {
		r := httptest.NewRequest(http.MethodGet, logintest.Realm+"/userinfo", nil)
		r.Header.Set("Authorization", "Bearer "+live)
		return r
	})
	w.unanswered(t, "authorize", func() *http.Request {
		return httptest.NewRequest(http.MethodGet, logintest.Realm+"/authorize?"+logintest.Request().Encode(), nil)
	})
	w.unanswered(t, "security key", func() *http.Request {
		b := w.Browser()
		at := b.Begin(logintest.Request())
		b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
		return sealed(w, b, at+"/key", "answer", b.Touch(at, key))
	})
	if got := w.refusals(logintest.ClientID); len(got) > 0 {
		t.Errorf("a refusal was noted for the client: %+v", got)
	}
	ofOthers := `SELECT COUNT(*) FROM event WHERE refused AND subject_id <> '` + logintest.OtherID + `'`
	if n := w.Count(ofOthers); n > 0 {
		t.Errorf("%d refusals in the audit", n)
	}
	if code() == "" || w.Redeem(code()).Status != http.StatusOK {
		t.Error("nobody can sign in afterwards")
	}
}

// sealed makes a request by which a browser posts a form.
func sealed(w *world, b *logintest.Browser, path string, pairs ...string) *http.Request {
	r := webtest.Request(http.MethodPost, path, webtest.Form(pairs...))
	for name, value := range b.Cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w.Sealer().Seal(r)
	return r
}

// Of a code whose answer was lost nobody can say whether it was spent: the service is told to begin again, and the code
// is refused as any that was used.
func TestAnAnswerThatWasLostBeginsAgain(t *testing.T) {
	w, key := withKey(t)
	code := w.Browser().SignIn(logintest.Request(), key).Query().Get("code")
	mend := dbtest.Break(t, w.DB, dbtest.At(db.Committed))
	lost := w.Redeem(code)
	mend()
	if lost.Status != http.StatusGatewayTimeout || lost.Error != "server_error" ||
		!strings.Contains(lost.ErrorDescription, "Begin the login again") {
		t.Errorf("the answer was lost: %+v", lost)
	}
	if again := w.Redeem(code); again.Error != "invalid_grant" {
		t.Errorf("the code again: %+v", again)
	}
}

package provider_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/identity"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/worldtest"
)

// signedIn reports whether an answer leads back to the service with a code.
func signedIn(res *http.Response) bool { return strings.Contains(res.Header.Get("Location"), "code=") }

// W1, W5 to W9, W14, W16: what an authenticator answers.
func TestAssertionsOfAuthenticators(t *testing.T) {
	w, key := withKey(t)
	start := func(b *logintest.Browser) string {
		at := b.Begin(logintest.Request())
		b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
		return at
	}
	answer := func(change func(d *logintest.Device)) bool {
		b := w.Browser()
		at := start(b)
		d := *key
		change(&d)
		return signedIn(b.Do("POST", at+"/key", logintest.Values("answer", b.Touch(at, &d))))
	}
	honest := func() bool { return answer(func(*logintest.Device) {}) }
	tally(t, "WebAuthn assertions", honest, map[string]func() bool{
		"W1 another origin": func() bool {
			return answer(func(d *logintest.Device) { d.RelyingParty.Origin = "https://evil.example" })
		},
		"W1 a sister's origin": func() bool {
			return answer(func(d *logintest.Device) { d.RelyingParty.Origin = "http://dos.localhost:8080" })
		},
		"W1 https instead of http": func() bool {
			return answer(func(d *logintest.Device) { d.RelyingParty.Origin = "https://cis2.localhost:8080" })
		},
		"W2 another port": func() bool {
			return answer(func(d *logintest.Device) { d.RelyingParty.Origin = "http://cis2.localhost" })
		},
		"W2 upper case": func() bool {
			return answer(func(d *logintest.Device) { d.RelyingParty.Origin = "http://CIS2.localhost:8080" })
		},
		"W2 trailing dot": func() bool {
			return answer(func(d *logintest.Device) { d.RelyingParty.Origin = "http://cis2.localhost.:8080" })
		},
		"W3 another relying party": func() bool { return answer(func(d *logintest.Device) { d.RelyingParty.ID = "dos.localhost" }) },
		"W9 not verified": func() bool {
			return answer(func(d *logintest.Device) { d.Authenticator.Options.UserNotVerified = true })
		},
		"W10 not present": func() bool {
			return answer(func(d *logintest.Device) { d.Authenticator.Options.UserNotPresent = true })
		},
		"W11 backed up, not eligible": func() bool { return answer(func(d *logintest.Device) { d.Authenticator.Options.BackupState = true }) },
		"W11 eligible since": func() bool {
			return answer(func(d *logintest.Device) { d.Authenticator.Options.BackupEligible = true })
		},
		"a key nobody has registered": func() bool {
			return answer(func(d *logintest.Device) { d.Credential = logintest.NewDevice().Credential })
		},
		"another key, registered name": func() bool {
			return answer(func(d *logintest.Device) {
				id := d.Credential.ID
				d.Credential = logintest.NewDevice().Credential
				d.Credential.ID = id
			})
		},
		"W14 no user handle": func() bool { return answer(func(d *logintest.Device) { d.Authenticator.Options.UserHandle = nil }) },
		"W14 somebody's user handle": func() bool {
			others := w.Another(t).Authenticator.Options.UserHandle
			return answer(func(d *logintest.Device) { d.Authenticator.Options.UserHandle = others })
		},
		"W5 the same answer twice": func() bool {
			b := w.Browser()
			at := start(b)
			assertion := b.Touch(at, key)
			if !signedIn(b.Do("POST", at+"/key", logintest.Values("answer", assertion))) {
				t.Error("the first answer was refused")
			}
			return signedIn(b.Do("POST", at+"/key", logintest.Values("answer", assertion)))
		},
		"W5 a used challenge, after a refused answer": func() bool {
			b := w.Browser()
			at := start(b)
			assertion := b.Touch(at, key)
			b.Do("POST", at+"/key", logintest.Values("answer", `{"x":1}`))
			return signedIn(b.Do("POST", at+"/key", logintest.Values("answer", assertion)))
		},
		"W5 an older challenge": func() bool {
			b := w.Browser()
			at := start(b)
			assertion := b.Touch(at, key)
			b.Touch(at, key)
			return signedIn(b.Do("POST", at+"/key", logintest.Values("answer", assertion)))
		},
		"W6 the challenge of another sign-in": func() bool {
			victim := w.Browser()
			thief := w.Browser()
			theirs := start(victim)
			mine := start(thief)
			assertion := victim.Touch(theirs, key)
			thief.Touch(mine, key)
			return signedIn(thief.Do("POST", mine+"/key", logintest.Values("answer", assertion)))
		},
		"W7 after the sign-in has expired": func() bool {
			b := w.Browser()
			at := start(b)
			assertion := b.Touch(at, key)
			w.Clock.Advance(15*time.Minute + time.Second)
			return signedIn(b.Do("POST", at+"/key", logintest.Values("answer", assertion)))
		},
		"O20 a sign-in continued from another browser": func() bool {
			b := w.Browser()
			other := w.Browser()
			at := start(b)
			assertion := b.Touch(at, key)
			return signedIn(other.Do("POST", at+"/key", logintest.Values("answer", assertion)))
		},
		"a flow cookie of another sign-in": func() bool {
			b := w.Browser()
			other := w.Browser()
			at := start(b)
			mine := start(other)
			assertion := b.Touch(at, key)
			cookieOf := func(flow string) string { return "__Host-flow-" + strings.TrimPrefix(flow, "/sign-in/") }
			other.Cookies[cookieOf(at)] = other.Cookies[cookieOf(mine)]
			return signedIn(other.Do("POST", at+"/key", logintest.Values("answer", assertion)))
		},
		"W16 suspended": func() bool {
			id := w.AuthenticatorID(t)
			worldtest.Check(t, authenticator.Suspend(t.Context(), w.DB, logintest.Desk, id, "lost"))
			got := honest()
			worldtest.Check(t, authenticator.Restore(t.Context(), w.DB, logintest.Desk, id, "found"))
			return got
		},
		"suspended identity": func() bool {
			worldtest.Check(t, identity.Move(t.Context(), w.DB, logintest.Desk, w.UUID, identity.Suspend, "on leave"))
			got := honest()
			worldtest.Check(t, identity.Move(t.Context(), w.DB, logintest.Desk, w.UUID, identity.Resume, "back"))
			return got
		},
		"from a page of another site": func() bool {
			b := w.Browser()
			at := start(b)
			assertion := b.Touch(at, key)
			r := httptest.NewRequest("POST", at+"/key",
				strings.NewReader(logintest.Values("answer", assertion).Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			for name, value := range b.Cookies {
				r.AddCookie(&http.Cookie{Name: name, Value: value})
			}
			rec := httptest.NewRecorder()
			w.Site.ServeHTTP(rec, r)
			return signedIn(rec.Result())
		},
	})
}

// W13: a counter that runs backwards suspends the authenticator.
func TestCloneIsSuspended(t *testing.T) {
	w, key := withKey(t)
	key.Credential.Counter = 5
	if w.Browser().SignIn(logintest.Request(), key).Query().Get("code") == "" {
		t.Fatal("the honest key was refused")
	}
	key.Credential.Counter = 4
	b := w.Browser()
	at := b.Begin(logintest.Request())
	b.Send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	if to := b.Send(at+"/key", "answer", b.Touch(at, key)); to != at ||
		!strings.Contains(logintest.Text(b.Get(at)), "Your authenticator cannot be used") {
		t.Errorf("a copy went to %s", to)
	}
	worldtest.Check(t, w.DB.View(t.Context(), func(r db.R) error {
		a, err := authenticator.ByID(t.Context(), r, w.AuthenticatorID(t))
		if err == nil && a.Status != authenticator.Suspended {
			t.Errorf("authenticator is %s", a.Status)
		}
		return err
	}))
}

// O42 and O35: codes of an authenticator app, and guessing.
func TestAuthenticatorAppAttacks(t *testing.T) {
	w := open(t)
	w.BindApp(t)
	reach := func() (*logintest.Browser, string) {
		b := w.Browser()
		at := b.Begin(logintest.Request())
		b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
		b.Send(at+"/password", "email", "ada@example.nhs.uk", "password", logintest.GoodPass)
		return b, at
	}
	try := func(code string) bool {
		b, at := reach()
		return signedIn(b.Do("POST", at+"/code", logintest.Values("code", code)))
	}
	tally(t, "O42 app codes", func() bool { w.Clock.Advance(time.Minute); return try(w.AppCode(t)) },
		map[string]func() bool{
			"the same code again": func() bool {
				w.Clock.Advance(time.Minute)
				return !try(w.AppCode(t)) || try(w.AppCode(t))
			},
			"no code": func() bool { return try("") },
			"a guess": func() bool { return try("000000") },
			"the code before the password": func() bool {
				w.Clock.Advance(time.Minute)
				b := w.Browser()
				at := b.Begin(logintest.Request())
				b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
				return signedIn(b.Do("POST", at+"/code", logintest.Values("code", w.AppCode(t))))
			},
		})
	for range 10 {
		try("000000")
	}
	w.Clock.Advance(time.Minute)
	b := w.Browser()
	at := b.Begin(logintest.Request())
	b.Send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
	locked := logintest.Text(b.Do("POST", at+"/password",
		logintest.Values("email", "ada@example.nhs.uk", "password", logintest.GoodPass)))
	unknown := logintest.Text(b.Do("POST", at+"/password",
		logintest.Values("email", "eve@example.nhs.uk", "password", logintest.GoodPass)))
	if !strings.Contains(locked, "is not right, or there were too many attempts") {
		t.Errorf("ten wrong codes did not lock the app: %s", locked)
	}
	if webtest.Unsealed(strings.ReplaceAll(locked, "ada@", "eve@")) != webtest.Unsealed(unknown) {
		t.Errorf("O36 the page tells who has an account:\n%s\n%s", locked, unknown)
	}
}

var markup = regexp.MustCompile(`(?s)quote the reference.*?</span>|<[^>]*>`)

// wordsOf gives the words of a page of a refusal, without its reference.
func wordsOf(res *http.Response) string {
	return strings.Join(strings.Fields(markup.ReplaceAllString(logintest.Text(res), " ")), " ")
}

// lock counts as many wrong tries at an authenticator as lock it.
func (w *world) lock(t *testing.T, id string) error {
	t.Helper()
	for range authenticator.MaxWrongTries {
		err := w.DB.Update(t.Context(), logintest.Desk, func(dw *db.W) error {
			return careidtest.WrongTry(t.Context(), dw, id, tries.Browser{})
		})
		if !errors.Is(err, fault.Unauthenticated) {
			return err
		}
	}
	return nil
}

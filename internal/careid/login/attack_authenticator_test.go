package login_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
)

// W1, W5 to W9, W14, W16: what an authenticator answers.
func TestAssertionsOfAuthenticators(t *testing.T) {
	w, key := withKey(t)
	start := func(b *browser) string {
		at := b.begin(request())
		b.send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
		return at
	}
	signedIn := func(res *http.Response) bool { return strings.Contains(res.Header.Get("Location"), "code=") }
	answer := func(change func(d *device)) bool {
		b := w.browser()
		at := start(b)
		d := *key
		change(&d)
		return signedIn(b.do("POST", at+"/key", values("answer", b.touch(at, &d))))
	}
	honest := func() bool { return answer(func(*device) {}) }
	tally(t, "WebAuthn assertions", honest, map[string]func() bool{
		"W1 another origin":           func() bool { return answer(func(d *device) { d.rp.Origin = "https://evil.example" }) },
		"W1 a sister's origin":        func() bool { return answer(func(d *device) { d.rp.Origin = "http://dos.localhost:8080" }) },
		"W1 https instead of http":    func() bool { return answer(func(d *device) { d.rp.Origin = "https://cis2.localhost:8080" }) },
		"W2 another port":             func() bool { return answer(func(d *device) { d.rp.Origin = "http://cis2.localhost" }) },
		"W2 upper case":               func() bool { return answer(func(d *device) { d.rp.Origin = "http://CIS2.localhost:8080" }) },
		"W2 trailing dot":             func() bool { return answer(func(d *device) { d.rp.Origin = "http://cis2.localhost.:8080" }) },
		"W3 another relying party":    func() bool { return answer(func(d *device) { d.rp.ID = "dos.localhost" }) },
		"W9 not verified":             func() bool { return answer(func(d *device) { d.auth.Options.UserNotVerified = true }) },
		"W10 not present":             func() bool { return answer(func(d *device) { d.auth.Options.UserNotPresent = true }) },
		"W11 backed up, not eligible": func() bool { return answer(func(d *device) { d.auth.Options.BackupState = true }) },
		"W11 eligible since":          func() bool { return answer(func(d *device) { d.auth.Options.BackupEligible = true }) },
		"a key nobody has registered": func() bool { return answer(func(d *device) { d.cred = newDevice().cred }) },
		"another key, registered name": func() bool {
			return answer(func(d *device) { id := d.cred.ID; d.cred = newDevice().cred; d.cred.ID = id })
		},
		"W14 no user handle":         func() bool { return answer(func(d *device) { d.auth.Options.UserHandle = nil }) },
		"W14 somebody's user handle": func() bool { return answer(func(d *device) { d.auth.Options.UserHandle = w.another(t) }) },
		"W5 the same answer twice": func() bool {
			b := w.browser()
			at := start(b)
			assertion := b.touch(at, key)
			if !signedIn(b.do("POST", at+"/key", values("answer", assertion))) {
				t.Error("the first answer was refused")
			}
			return signedIn(b.do("POST", at+"/key", values("answer", assertion)))
		},
		"W5 a used challenge, after a refused answer": func() bool {
			b := w.browser()
			at := start(b)
			assertion := b.touch(at, key)
			b.do("POST", at+"/key", values("answer", `{"x":1}`))
			return signedIn(b.do("POST", at+"/key", values("answer", assertion)))
		},
		"W5 an older challenge": func() bool {
			b := w.browser()
			at := start(b)
			assertion := b.touch(at, key)
			b.touch(at, key)
			return signedIn(b.do("POST", at+"/key", values("answer", assertion)))
		},
		"W6 the challenge of another sign-in": func() bool {
			victim := w.browser()
			thief := w.browser()
			theirs := start(victim)
			mine := start(thief)
			assertion := victim.touch(theirs, key)
			thief.touch(mine, key)
			return signedIn(thief.do("POST", mine+"/key", values("answer", assertion)))
		},
		"W7 after the sign-in has expired": func() bool {
			b := w.browser()
			at := start(b)
			assertion := b.touch(at, key)
			w.clock.Advance(15*time.Minute + time.Second)
			return signedIn(b.do("POST", at+"/key", values("answer", assertion)))
		},
		"O20 a sign-in continued from another browser": func() bool {
			b := w.browser()
			other := w.browser()
			at := start(b)
			assertion := b.touch(at, key)
			return signedIn(other.do("POST", at+"/key", values("answer", assertion)))
		},
		"a flow cookie of another sign-in": func() bool {
			b := w.browser()
			other := w.browser()
			at := start(b)
			mine := start(other)
			assertion := b.touch(at, key)
			cookieOf := func(flow string) string { return "__Host-flow-" + strings.TrimPrefix(flow, "/sign-in/") }
			other.cookies[cookieOf(at)] = other.cookies[cookieOf(mine)]
			return signedIn(other.do("POST", at+"/key", values("answer", assertion)))
		},
		"W16 suspended": func() bool {
			id := w.authenticatorID(t)
			check(t, authenticator.Suspend(t.Context(), w.d, desk, id, "lost"))
			got := honest()
			check(t, authenticator.Restore(t.Context(), w.d, desk, id, "found"))
			return got
		},
		"suspended identity": func() bool {
			check(t, identity.Move(t.Context(), w.d, desk, w.uuid, identity.Suspend, "on leave"))
			got := honest()
			check(t, identity.Move(t.Context(), w.d, desk, w.uuid, identity.Resume, "back"))
			return got
		},
		"from a page of another site": func() bool {
			b := w.browser()
			at := start(b)
			assertion := b.touch(at, key)
			r := httptest.NewRequest("POST", at+"/key", strings.NewReader(values("answer", assertion).Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "cross-site")
			for name, value := range b.cookies {
				r.AddCookie(&http.Cookie{Name: name, Value: value})
			}
			rec := httptest.NewRecorder()
			w.site.ServeHTTP(rec, r)
			return signedIn(rec.Result())
		},
	})
}

// another makes a second person with a key and gives their user handle.
func (w *world) another(t *testing.T) []byte {
	t.Helper()
	first := w.uuid
	w.update(func(dw *db.W) error {
		i, err := identity.Add(t.Context(), dw,
			identity.New{GivenName: "Bo", FamilyName: "Example", Email: "Ada@example.nhs.uk", AssuranceLevel: 3})
		w.uuid = i.UUID
		return err
	})
	d := newDevice()
	w.bindDevice(d, authn.SecurityKey)
	w.uuid = first
	return d.auth.Options.UserHandle
}

func (w *world) authenticatorID(t *testing.T) string {
	t.Helper()
	var list []authenticator.Authenticator
	check(t, w.d.View(t.Context(), func(r db.R) (err error) {
		list, err = authenticator.OfIdentity(t.Context(), r, w.uuid)
		return err
	}))
	if len(list) == 0 {
		t.Fatal("no authenticator")
	}
	return list[0].ID
}

// W13: a counter that runs backwards suspends the authenticator.
func TestCloneIsSuspended(t *testing.T) {
	w, key := withKey(t)
	key.cred.Counter = 5
	if w.browser().signIn(request(), key).Query().Get("code") == "" {
		t.Fatal("the honest key was refused")
	}
	key.cred.Counter = 4
	b := w.browser()
	at := b.begin(request())
	b.send(at+"/authenticator", "authenticator", string(authn.SecurityKey))
	if to := b.send(at+"/key", "answer", b.touch(at, key)); to != at ||
		!strings.Contains(text(b.get(at)), "Your authenticator cannot be used") {
		t.Errorf("a copy went to %s", to)
	}
	check(t, w.d.View(t.Context(), func(r db.R) error {
		a, err := authenticator.ByID(t.Context(), r, w.authenticatorID(t))
		if err == nil && a.Status != authenticator.Suspended {
			t.Errorf("authenticator is %s", a.Status)
		}
		return err
	}))
}

// O42 and O35: codes of an authenticator app, and guessing.
func TestAuthenticatorAppAttacks(t *testing.T) {
	w := open(t)
	w.bindApp(t)
	reach := func() (*browser, string) {
		b := w.browser()
		at := b.begin(request())
		b.send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
		b.send(at+"/password", "email", "ada@example.nhs.uk", "password", goodPass)
		return b, at
	}
	try := func(code string) bool {
		b, at := reach()
		return b.do("POST", at+"/code", values("code", code)).StatusCode == http.StatusSeeOther
	}
	tally(t, "O42 app codes", func() bool { w.clock.Advance(time.Minute); return try(w.appCode(t)) },
		map[string]func() bool{
			"the same code again": func() bool {
				w.clock.Advance(time.Minute)
				return !try(w.appCode(t)) || try(w.appCode(t))
			},
			"no code": func() bool { return try("") },
			"a guess": func() bool { return try("000000") },
			"the code before the password": func() bool {
				w.clock.Advance(time.Minute)
				b := w.browser()
				at := b.begin(request())
				b.send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
				return b.do("POST", at+"/code", values("code", w.appCode(t))).StatusCode == http.StatusSeeOther
			},
		})
	for range 10 {
		try("000000")
	}
	w.clock.Advance(time.Minute)
	b := w.browser()
	at := b.begin(request())
	b.send(at+"/authenticator", "authenticator", string(authn.AuthenticatorApp))
	locked := text(b.do("POST", at+"/password", values("email", "ada@example.nhs.uk", "password", goodPass)))
	unknown := text(b.do("POST", at+"/password", values("email", "eve@example.nhs.uk", "password", goodPass)))
	if !strings.Contains(locked, "is not right, or there were too many tries") {
		t.Errorf("ten wrong codes did not lock the app: %s", locked)
	}
	if strings.ReplaceAll(locked, "ada@", "eve@") != unknown {
		t.Errorf("O36 the page tells who has an account:\n%s\n%s", locked, unknown)
	}
}

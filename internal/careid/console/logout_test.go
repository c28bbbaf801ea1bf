package console_test

import (
	"context"
	"net/http"
	"net/url"
	"testing"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/once"
)

// logout posts a logout token as the provider does: without cookies and without a browser's headers.
func (w *world) logout(token string) page {
	return w.browser().do(http.MethodPost, "/backchannel-logout", url.Values{"logout_token": {token}},
		func(r *http.Request) { r.Header.Del("Sec-Fetch-Site") })
}

func TestProviderLogoutEndsTheSessionsOfItsSignIn(t *testing.T) {
	w := open(t)
	ended := w.signedIn()
	w.issuer.Person.SID = "another-session"
	other := w.signedIn()
	if p := w.logout(w.issuer.LogoutToken(t, clientID, w.ada, "session-of-ada", nil)); p.status != http.StatusOK {
		t.Fatalf("%d %s", p.status, p.text)
	}
	if ended.in() || !other.in() || w.events("cim.provider-logout") != 1 {
		t.Errorf("ended session in: %v; the other: %v", ended.in(), other.in())
	}
}

func TestProviderLogoutWithoutSIDEndsAllOfThePerson(t *testing.T) {
	w := open(t)
	first := w.signedIn()
	w.issuer.Person.SID = "another-session"
	second := w.signedIn()
	w.issuer.Person.Subject = w.another("Ben")
	w.issuer.Person.SID = "session-of-ben"
	ben := w.signedIn()
	w.Clock.Advance(time.Second)
	noSID := func(m map[string]any) { delete(m, "sid") }
	if p := w.logout(w.issuer.LogoutToken(t, clientID, w.ada, "", noSID)); p.status != http.StatusOK {
		t.Fatalf("%d %s", p.status, p.text)
	}
	if first.in() || second.in() || !ben.in() {
		t.Errorf("in: %v, %v; somebody else: %v", first.in(), second.in(), ben.in())
	}
}

func TestLogoutTokensThatAreRefused(t *testing.T) {
	w := open(t)
	twin := w.signedIn()
	w.logout(w.issuer.LogoutToken(t, clientID, w.ada, "session-of-ada", nil))
	if twin.in() {
		t.Fatal("honest twin: still signed in")
	}
	tried := 0
	accepted := 0
	set := func(name string, value any) func(map[string]any) { return func(m map[string]any) { m[name] = value } }
	for name, change := range map[string]func(m map[string]any){
		"another audience": set("aud", "200000000002.apps.national"), "another issuer": set("iss", "https://evil.example"),
		"over": set("exp", nine.Add(-time.Hour).Unix()), "with a nonce": set("nonce", "n"), "no event": set("events", map[string]any{}),
		"no id":             func(m map[string]any) { delete(m, "jti") },
		"about nobody":      func(m map[string]any) { delete(m, "sub"); delete(m, "sid") },
		"made in an hour":   set("iat", nine.Add(time.Hour).Unix()),
		"no time of making": func(m map[string]any) { delete(m, "iat") },
	} {
		t.Run(name, func(t *testing.T) {
			b := w.signedIn()
			p := w.logout(w.issuer.LogoutToken(t, clientID, w.ada, "session-of-ada", change))
			tried++
			if p.status != http.StatusBadRequest {
				t.Errorf("%d %s", p.status, p.text)
			}
			if !b.in() {
				accepted++
				t.Error("the session was ended")
			}
		})
	}
	t.Logf("tried %d, accepted %d", tried, accepted)
	if tried == 0 || accepted != 0 {
		t.Errorf("tried %d, accepted %d", tried, accepted)
	}
}

func TestLogoutTokensOfOthers(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	stranger := open(t)
	for name, token := range map[string]string{
		"none": "", "not a token": "x.y.z", "signed by another issuer": stranger.issuer.LogoutToken(t, clientID, w.ada, "session-of-ada", nil),
	} {
		if p := w.logout(token); p.status != http.StatusBadRequest {
			t.Errorf("%s: %d %s", name, p.status, p.text)
		}
	}
	if !b.in() {
		t.Error("the session was ended")
	}
}

func TestLogoutTokenIsGoodOnce(t *testing.T) {
	w := open(t)
	token := w.issuer.LogoutToken(t, clientID, w.ada, "session-of-ada", nil)
	if p := w.logout(token); p.status != http.StatusOK {
		t.Fatalf("first: %d %s", p.status, p.text)
	}
	b := w.signedIn()
	if p := w.logout(token); p.status != http.StatusBadRequest || !b.in() {
		t.Errorf("second: %d %s; signed in: %v", p.status, p.text, b.in())
	}
	if w.events("cim.logout-replayed") != 1 {
		t.Error("no event says so")
	}
}

// A logout only ends sessions; a job deletes the logout tokens that have expired.
func TestLogoutTokensThatAreOverAreForgotten(t *testing.T) {
	w := open(t)
	remembered := func() (n int64) {
		t.Helper()
		err := w.DB.View(t.Context(), func(r db.R) (err error) {
			n, err = db.Value[int64](t.Context(), r, `SELECT COUNT(*) FROM once`)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	w.sweptAtStart()
	for range 2 {
		w.Clock.Advance(time.Hour)
		if p := w.logout(w.issuer.LogoutToken(t, clientID, w.ada, "session-of-ada", nil)); p.status != http.StatusOK {
			t.Fatalf("%d %s", p.status, p.text)
		}
	}
	if n := remembered(); n != 2 {
		t.Errorf("a logout swept: %d tokens kept, want 2", n)
	}
	w.Update(func(ctx context.Context, u *db.W) error { return u.Enqueue(ctx, once.SweepJob{}) })
	jobtest.Settle(t, w.Jobs)
	if n := remembered(); n != 1 {
		t.Errorf("after the sweep %d tokens are kept, want 1", n)
	}
}

// sweptAtStart waits for the sweep with which the jobs begin, which may come some time after they were started.
func (w *world) sweptAtStart() {
	w.Helper()
	limit := time.After(20 * time.Second)
	for w.Count(`SELECT COUNT(*) FROM river_job WHERE kind = '`+once.SweepJob{}.Kind()+`'`) == 0 {
		select {
		case <-time.After(2 * time.Millisecond):
		case <-limit:
			w.Fatal("nothing is swept at the start")
		}
	}
	jobtest.Settle(w, w.Jobs)
}

package console_test

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
)

func TestFrontPage(t *testing.T) {
	w := open(t)
	out := w.browser().get("/")
	out.has(t, "Care Identity Management", "Log in with my Care Identity", "Find your registration authority",
		"Obtain a Care Identity")
	policy := out.header.Get("Content-Security-Policy")
	if !strings.HasSuffix(policy, "form-action 'self'") {
		t.Errorf("forms may leave the site: %s", policy)
	}
	in := w.signedIn().get("/")
	in.has(t, "You are logged in as", "Ada O'Example <b>", "Log out")
	if strings.Contains(in.text, "Log in with") {
		t.Error("somebody signed in is asked to log in")
	}
}

func TestApplyPageSaysWhatIsNeeded(t *testing.T) {
	open(t).browser().get("/apply").has(t, "passport", "proofs of your address", "National Insurance number",
		"work email address")
}

func TestSignInAndOut(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	if !b.in() || w.events("cim.in") != 1 {
		t.Fatal("not signed in, or no event")
	}
	stolen := w.browser()
	stolen.Cookies["__Host-cim"] = b.Cookies["__Host-cim"]
	b.get("/sign-out").has(t, "Log out of everything on this computer", "Log out only of Care Identity Management")
	out := b.post("/sign-out", "from", "site")
	if out.status != http.StatusSeeOther || !strings.HasPrefix(out.location, "/signed-out?") {
		t.Errorf("sign-out: %d %q", out.status, out.location)
	}
	if b.in() || stolen.in() || w.events("cim.out") != 1 {
		t.Error("still signed in, or no event")
	}
	clean := b.get(out.location)
	if clean.location != "/signed-out" {
		t.Errorf("the page after a logout is at %q", clean.location)
	}
	p := b.get("/signed-out")
	p.has(t, "You are logged out", "Ada O'Example <b> is logged out of Care Identity Management",
		"Log out of everything on this computer")
	rest := b.post("/sign-out/everything", "seal", webtest.SealOf(p.markup, "/sign-out/everything"))
	to, fields := webtest.PostedTo(b.get(rest.location).markup)
	if to != w.issuer.Name+"/connect/endSession" || fields.Get("post_logout_redirect_uri") != address+"/signed-out" ||
		fields.Get("id_token_hint") == "" {
		t.Errorf("no way to sign out at the provider: %s with %v", to, fields)
	}
}

func TestSessionEnds(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(w *world, b *browser)
		want bool
	}{
		"after 14 minutes it holds": {func(w *world, _ *browser) { w.Clock.Advance(14 * time.Minute) }, true},
		"after 15 idle minutes":     {func(w *world, _ *browser) { w.Clock.Advance(15 * time.Minute) }, false},
		"after 12 busy hours": {func(w *world, b *browser) {
			for range 12 * 6 {
				w.Clock.Advance(10*time.Minute - time.Second)
				if !b.in() {
					w.Fatal("ended early")
				}
			}
			w.Clock.Advance(2 * time.Minute)
		}, false},
		"when the identity is suspended": {func(w *world, _ *browser) { w.move(identity.Suspend) }, false},
		"when the identity is closed":    {func(w *world, _ *browser) { w.move(identity.Close) }, false},
		"by a secret of another":         {func(_ *world, b *browser) { b.Cookies["__Host-cim"] += "x" }, false},
		"by a cookie that is none":       {func(_ *world, b *browser) { b.Cookies["__Host-cim"] = "%00" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			b := w.signedIn()
			tt.end(w, b)
			if got := b.in(); got != tt.want {
				t.Errorf("signed in: %v, want %v", got, tt.want)
			}
		})
	}
}

func (w *world) move(act identity.Act) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error { return identity.MovePart(ctx, u, w.ada, act, "test") })
}

// Every sign-in gives the browser a new session and ends the one it had.
func TestSigningInAgainEndsTheSessionBefore(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	before := w.browser()
	before.Cookies["__Host-cim"] = b.Cookies["__Host-cim"]
	if !before.in() {
		t.Fatal("honest twin: not signed in")
	}
	b.arrive()
	if !b.in() || before.in() {
		t.Errorf("new session in: %v; the one before: %v", b.in(), before.in())
	}
}

func TestPlantedCookieIsWorthNothing(t *testing.T) {
	w := open(t)
	attacker := w.signedIn()
	planted := attacker.Cookies["__Host-cim"]
	victim := w.browser()
	victim.Cookies["__Host-cim"] = planted
	victim.arrive()
	if victim.Cookies["__Host-cim"] == planted {
		t.Error("the victim goes on with the planted session")
	}
}

func TestCallbacksThatAreNotHonest(t *testing.T) {
	tried := 0
	accepted := 0
	for name, tt := range map[string]struct {
		act    func(w *world, b *browser) page
		status int
	}{
		"nothing was started":      {func(w *world, b *browser) page { return b.get("/signin/callback?code=a&state=b") }, http.StatusGone},
		"no parameters":            {func(w *world, b *browser) page { b.post("/sign-in"); return b.get("/signin/callback") }, http.StatusGone},
		"another's answer":         {func(w *world, b *browser) page { back := w.browser().goThere(); b.goThere(); return b.callback(back) }, http.StatusGone},
		"answer in a bare browser": {func(w *world, b *browser) page { return w.browser().callback(b.goThere()) }, http.StatusGone},
		"wrong state":              {func(w *world, b *browser) page { back := b.goThere(); back.Set("state", "x"); return b.callback(back) }, http.StatusGone},
		"another issuer": {func(w *world, b *browser) page {
			back := b.goThere()
			back.Set("iss", "https://evil.example")
			return b.callback(back)
		}, http.StatusUnauthorized},
		"code twice": {func(w *world, b *browser) page { back := b.goThere(); back.Add("code", "x"); return b.callback(back) }, http.StatusUnprocessableEntity},
		"code of another": {func(w *world, b *browser) page {
			other := w.browser().goThere()
			back := b.goThere()
			back.Set("code", other.Get("code"))
			return b.callback(back)
		}, http.StatusGone},
		"the person cancelled": {func(w *world, b *browser) page {
			back := b.goThere()
			back.Del("code")
			back.Set("error", "access_denied")
			home := b.callback(back)
			b.get("/").has(t, "You cancelled. Nothing was changed.")
			if again := b.get("/"); strings.Contains(again.text, "You cancelled") {
				t.Error("it is said again")
			}
			return home
		}, http.StatusSeeOther},
		"after 15 minutes": {func(w *world, b *browser) page {
			back := b.goThere()
			w.Clock.Advance(15 * time.Minute)
			return b.callback(back)
		}, http.StatusGone},
		"userinfo about somebody else": {func(w *world, b *browser) page {
			w.issuer.Alter.UserInfo = func(m map[string]any) { m["sub"] = "800000000999" }
			return b.arrive()
		}, http.StatusUnauthorized},
		"signed in long ago": {func(w *world, b *browser) page {
			w.issuer.Person.AuthTime = nine.Add(-time.Hour)
			return b.arrive()
		}, http.StatusUnauthorized},
		"too weak an authenticator": {func(w *world, b *browser) page {
			w.issuer.Person.AuthenticationLevel = "1"
			return b.arrive()
		}, http.StatusForbidden},
		"somebody unknown here": {func(w *world, b *browser) page {
			w.issuer.Person.Subject = "800000000999"
			return b.arrive()
		}, http.StatusForbidden},
		"a subject that is no number of ours": {func(w *world, b *browser) page {
			w.issuer.Person.Subject = "' OR 1=1"
			return b.arrive()
		}, http.StatusForbidden},
		"somebody suspended": {func(w *world, b *browser) page {
			w.move(identity.Suspend)
			return b.arrive()
		}, http.StatusForbidden},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			if !w.signedIn().in() {
				t.Fatal("honest twin: not signed in")
			}
			b := w.browser()
			p := tt.act(w, b)
			tried++
			if p.status != tt.status || len(p.text) == 0 || strings.Contains(p.text, "problem with the service") {
				t.Errorf("%d, want %d: %s", p.status, tt.status, p.text)
			}
			if _, there := b.Cookies["__Host-cim"]; there {
				accepted++
				t.Error("a session began")
			}
		})
	}
	t.Logf("tried %d, accepted %d", tried, accepted)
	if tried == 0 || accepted != 0 {
		t.Errorf("tried %d, accepted %d", tried, accepted)
	}
}

func (b *browser) callback(back url.Values) page { return b.get("/signin/callback?" + back.Encode()) }

func TestCallbackIsGoodOnce(t *testing.T) {
	w := open(t)
	b := w.browser()
	back := b.goThere()
	flow := maps.Clone(b.Cookies)
	if p := b.callback(back); p.status != http.StatusSeeOther {
		t.Fatalf("first: %d %s", p.status, p.text)
	}
	again := w.browser()
	again.Cookies = flow
	if p := again.callback(back); p.status != http.StatusGone || again.in() {
		t.Errorf("second: %d %s", p.status, p.text)
	}
}

func TestSignInWhileTheProviderIsDown(t *testing.T) {
	w := open(t)
	w.issuer.Alter.Metadata = func(m map[string]any) { m["issuer"] = "https://elsewhere.example" }
	p := w.browser().post("/sign-in")
	if p.status != http.StatusServiceUnavailable {
		t.Errorf("%d %s", p.status, p.text)
	}
	p.has(t, "Care Identity is not responding at the moment", "Try again in a few minutes")
}

func TestPublishedKeysAreThoseThatSign(t *testing.T) {
	w := open(t)
	p := w.browser().get("/.well-known/jwks.json")
	if p.status != http.StatusOK || !strings.Contains(p.markup, `"kty":"EC"`) || strings.Contains(p.markup, `"d":`) {
		t.Errorf("%d %s", p.status, p.markup)
	}
}

package console_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/console"
	"signpost/internal/careid/identity"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/session"
)

// Whoever is logged out is told why, truly, and what to do next: on the start page, once.
func TestWhyOneIsLoggedOut(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(w *world, b *browser)
		says []string
	}{
		"time": {func(w *world, _ *browser) { w.Clock.Advance(16 * time.Minute) },
			[]string{"You were logged out, because the page was not used for 15 minutes. Log in to go on to the page"}},
		"ended at CIS2": {func(w *world, _ *browser) {
			if p := w.logout(w.issuer.LogoutToken(t, clientID, w.ada, "session-of-ada", nil)); p.status != http.StatusOK {
				t.Fatalf("%d %s", p.status, p.text)
			}
		}, []string{"because you are no longer logged in with your Care Identity.",
			"If you logged out of it yourself, here or in another service, all is well.",
			"contact your registration authority."}},
		"suspended": {func(w *world, _ *browser) {
			w.Must(identity.Move(t.Context(), w.DB, actor.ForCommand("test"), w.ada, identity.Suspend, "on leave"))
		}, []string{"because your Care Identity is not active any more. Contact your registration authority."}},
		"too many": {func(w *world, _ *browser) {
			for range session.MaxOfSubject {
				w.Clock.Advance(time.Second)
				w.signedIn()
			}
			w.Must(console.Bound(w.DB).End(t.Context(), actor.ForCommand("test"), w.ada))
		}, []string{"because you logged in on more than 20 browsers"}},
		"swept away": {func(w *world, _ *browser) {
			w.Clock.Advance(24 * time.Hour)
			_, err := session.Sweeper(w.DB).Sweep(t.Context(), actor.ForCommand("test"))
			w.Must(err)
		}, []string{"because the page was not used for 15 minutes, or 12 hours had passed since you logged in"}},
		"never logged in": {func(_ *world, b *browser) { b.Cookies["__Host-cim"] = "no.session" },
			[]string{"Log in to go on to the page that you asked for."}},
		"by a cookie that was changed": {func(_ *world, b *browser) { b.Cookies["__Host-cim"] += "x" },
			[]string{"Log in to go on to the page that you asked for."}},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			b := w.signedIn()
			tt.end(w, b)
			if p := b.get("/view-your-profile"); p.location != "/" {
				t.Fatalf("%d to %q", p.status, p.location)
			}
			shown := b.get("/")
			shown.has(t, tt.says...)
			if strings.Contains(name, "cookie") || strings.Contains(name, "never") {
				shown.lacks(t, "You were logged out")
			}
			b.get("/").lacks(t, "You were logged out")
		})
	}
}

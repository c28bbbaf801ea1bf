package login_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/identity"
	careid "signpost/internal/careid/provider/session"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/worldtest"
)

const ssoCookie = "__Host-" + careid.Cookie

// Whoever looks at their sessions after theirs has ended reads why, truly, and once: the next person at the computer
// has nothing to do with it. Of a cookie that never was a session's nothing is said.
func TestWhyASessionIsOver(t *testing.T) {
	for name, tt := range map[string]struct {
		end  func(w *world, here *logintest.Browser)
		says string
	}{
		"not used": {func(w *world, _ *logintest.Browser) { w.Clock.Advance(31 * time.Minute) },
			"Your session was not used for 15 or 30 minutes, depending on your authenticator."},
		"swept away": {func(w *world, _ *logintest.Browser) {
			w.Clock.Advance(24 * time.Hour)
			_, err := session.Sweeper(w.DB).Sweep(w.Context(), logintest.Desk)
			worldtest.Check(t, err)
		}, "authenticator, or 12 hours had passed since you logged in."},
		"by the desk": {func(w *world, _ *logintest.Browser) {
			worldtest.Check(t, w.Provider.Sessions().EndAll(w.Context(), logintest.Desk, w.UUID, "lost", careid.ByDesk))
		}, "It was ended for you by the service desk or your registration authority."},
		"a role ended": {func(w *world, _ *logintest.Browser) {
			worldtest.Check(t, w.Provider.Sessions().EndAll(w.Context(), logintest.Desk, w.UUID, "it is over", careid.WithPosition))
		}, "One of your roles was ended. Log in again to go on with your other roles."},
		"from another browser": {func(w *world, _ *logintest.Browser) {
			worldtest.Check(t, w.Provider.Sessions().EndOthers(w.Context(), logintest.Desk, w.UUID, ""))
		}, "It was ended from another browser on which you are logged in."},
		"suspended": {func(w *world, _ *logintest.Browser) {
			worldtest.Check(t, identity.Move(w.Context(), w.DB, logintest.Desk, w.UUID, identity.Suspend, "on leave"))
			w.Settle()
		}, "Your Care Identity is not active any more. Contact your registration authority."},
		"the authenticator suspended": {func(w *world, _ *logintest.Browser) {
			list, err := db.Glance(w.Context(), w.DB, func(r db.R) ([]authenticator.Authenticator, error) {
				return authenticator.OfIdentity(w.Context(), r, w.UUID)
			})
			worldtest.Check(t, err)
			worldtest.Check(t, authenticator.Suspend(w.Context(), w.DB, logintest.Desk, list[0].ID, "lost"))
			w.Settle()
		}, "The authenticator with which you logged in was suspended or removed."},
		"made up": {func(_ *world, here *logintest.Browser) { here.Cookies[ssoCookie] = "no.session" },
			"You are not logged in with your Care Identity in this browser."},
		"changed": {func(_ *world, here *logintest.Browser) { here.Cookies[ssoCookie] += "x" },
			"You are not logged in with your Care Identity in this browser."},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			key := logintest.NewDevice()
			w.BindDevice(key, authn.SecurityKey)
			here := w.Browser()
			here.SignIn(logintest.Request(), key)
			tt.end(w, here)
			got := here.Get("/my-sessions")
			page := webtest.Text(logintest.Text(got))
			if got.StatusCode != http.StatusUnauthorized || !strings.Contains(page, tt.says) {
				t.Errorf("%d: it reads %s", got.StatusCode, page)
			}
			if page := logintest.Text(here.Get("/my-sessions")); !strings.Contains(page, "You are not logged in with") {
				t.Errorf("the next time it reads %s", page)
			}
		})
	}
}

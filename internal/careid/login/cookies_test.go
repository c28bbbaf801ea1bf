package login_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/platform/web"
)

// cookiesOf counts the cookies of a kind that a browser has.
func cookiesOf(b *logintest.Browser, name string) int {
	kept := slices.Collect(maps.Keys(b.Cookies))
	others := slices.DeleteFunc(kept, func(one string) bool {
		return !strings.HasPrefix(one, web.CookiePrefix+name+"-")
	})
	return len(others)
}

// However many logins, or questions whether to log out, are begun on a browser, it keeps the cookies of 20: more would
// make its requests too long to be answered. The newest can be gone on with.
func TestABrowserKeepsTwentyCookiesOfAKind(t *testing.T) {
	w, key := withKey(t)
	b := w.Browser()
	for range web.MaxCookies + 5 {
		b.Begin(logintest.Request())
	}
	if n := cookiesOf(b, "flow"); n != web.MaxCookies {
		t.Errorf("%d cookies of logins", n)
	}
	b.SignIn(logintest.Request(), key) // fails the test if it cannot be gone on with
	asks := ""
	for range web.MaxCookies + 5 {
		asks = b.Get(logintest.Realm + "/connect/endSession?id_token_hint=x").Header.Get("Location")
	}
	if n := cookiesOf(b, "signout"); n != web.MaxCookies {
		t.Errorf("%d cookies of logouts", n)
	}
	if got := b.Get(asks).StatusCode; got != http.StatusOK {
		t.Errorf("the newest question: %d", got)
	}
}

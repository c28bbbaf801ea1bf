package login_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	references "signpost/internal/platform/reference"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/worldtest"
)

// guesses are what is typed into the forms that ask for a password or a code. Whatever is filled into the others, they
// are refused where the login or the link that they belong to is none.
var guesses = map[string][]string{
	"/sign-in/{flow}/password":     {"email", adasAddress, "password", "not the one"},
	"/sign-in/{flow}/code":         {"code", "000000"},
	"/binding/{flow}/code":         {"code", "KDF7 2M9X"},
	"/sign-in/{flow}/new-password": {"code", "KDF7 2M9X", "app", "000000", "password", logintest.GoodPass},
	"/binding/{flow}/app":          {"code", "000000"},
	"/access-pass":                 {"email", adasAddress, "pass", "KDF7 2M9X"},
}

// Every form that is refused gives a reference, which the desk finds: by the event, or by what it says itself.
func TestEveryRefusedFormHasAReference(t *testing.T) {
	w, key := withKey(t)
	w.BindApp(t)
	w.Site = w.DemoSite()
	browser := func() (*logintest.Browser, *webtest.Browser) {
		b := w.Browser()
		return b, &webtest.Browser{Site: w.Site, Cookies: b.Cookies, Address: b.Address, Sealer: w.Sealer()}
	}
	nowhere := strings.NewReplacer("{flow}", "none", "{token}", "none", "{id}", "none")
	refused := map[string]webtest.Refused{"POST /my-sessions/sign-out": nil}
	for _, pattern := range []string{
		"/simulated/{flow}", "/sign-in/{flow}/continue", "/sign-in/{flow}/somebody-else", "/sign-in/{flow}/authenticator",
		"/sign-in/{flow}/again", "/sign-in/{flow}/role", "/sign-in/{flow}/leave", "/sign-in/{flow}/key",
		"/sign-in/{flow}/password", "/sign-in/{flow}/code", "/sign-in/{flow}/forgotten", "/sign-in/{flow}/forget",
		"/sign-in/{flow}/new-password", "/bind/{token}", "/binding/{flow}/code", "/access-pass",
		"/sign-in/{flow}/reader", "/sign-in/{flow}/card", "/binding/{flow}/reader", "/binding/{flow}/card",
		"/sign-in/{flow}/connect", "/sign-in/{flow}/account", "/binding/{flow}/connect", "/binding/{flow}/account",
		"/binding/{flow}/key", "/binding/{flow}/password", "/binding/{flow}/app", "/my-sessions/{id}/end",
		"/my-sessions/end-others", "/sign-out/{id}",
	} {
		refused["POST "+pattern] = func(tb testing.TB) string {
			tb.Helper()
			at := nowhere.Replace(pattern)
			begun, b := browser()
			if guesses[pattern] != nil {
				at = w.formFor(t, begun, key, pattern)
			}
			return b.Do(webtest.Request(http.MethodPost, at, webtest.Form(guesses[pattern]...))).Body.String()
		}
	}
	webtest.CheckReferences(t, w.Site, refused, func(route web.Route) (*webtest.Browser, string) {
		_, b := browser()
		return b, nowhere.Replace(strings.TrimPrefix(route.Pattern, "POST "))
	}, func(shown string) bool {
		_, told := web.Told(w.Box, references.Read(shown), w.Clock.Now())
		events := worldtest.Read(w.World.World.World, func(ctx context.Context, r db.R) ([]audit.Entry, error) {
			return audit.Refusals(ctx, r, references.Read(shown))
		})
		return told || len(events) > 0
	})
}

package login_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

func TestFormsFilledInAsNobodyShould(t *testing.T) {
	w, key := withForms(t)
	webtest.PostFormsOpened(t, w.Site, func(route web.Route) (*webtest.Browser, string) {
		b := w.Browser()
		_, pattern, _ := strings.Cut(route.Pattern, " ")
		path := w.formFor(t, b, key, pattern)
		return &webtest.Browser{Site: w.Site, Cookies: b.Cookies, Address: b.Address, Sealer: w.Sealer()}, path
	})
}

// A database that does not answer refuses nobody.
func TestABrokenDatabaseRefusesNobody(t *testing.T) {
	w, key := withForms(t)
	webtest.Walk{
		Site: w.Site, Sealer: w.Sealer(), Samples: map[string]string{"email": adasAddress, "password": logintest.GoodPass},
		Open: func(route web.Route) (map[string]string, string) {
			b := w.Browser()
			_, at, _ := strings.Cut(route.Pattern, " ")
			path := ""
			if route.Form {
				path = w.formFor(t, b, key, at)
			} else {
				path = w.pathFor(t, b, key, at)
			}
			jobtest.Settle(t, w.Jobs)
			return b.Cookies, path
		},
	}.Broken(t, dbtest.Breaking(t, w.DB), "POST /access-pass", "POST /binding/{flow}/account", "POST /binding/{flow}/app",
		"POST /binding/{flow}/card", "POST /sign-in/{flow}/account",
		"POST /binding/{flow}/code", "POST /binding/{flow}/key", "POST /sign-in/{flow}/card",
		"POST /sign-in/{flow}/code", "POST /sign-in/{flow}/leave", "POST /sign-in/{flow}/new-password")
}

// withForms is a world in which everything can be filled in, and Ada's key.
func withForms(t *testing.T) (*world, *logintest.Device) {
	t.Helper()
	w, key := withKey(t)
	w.BindApp(t)
	w.Position("S8000:G8000:R8000")
	w.ByDesk(func(dw *db.W) error {
		_, err := authenticator.Bind(t.Context(), dw, logintest.SimulatedKey(w.UUID))
		return err
	})
	w.Site = w.DemoSite()
	w.readNotices()
	return w, key
}

// readNotices reads the notices of all sessions that are ended, which otherwise wait for somebody to.
func (w *world) readNotices() {
	go func() {
		for range w.BackChannel.Tokens {
		}
	}()
}

// Every field's problem is listed at once, on each form that has several.
func TestAllProblemsOfAFormAreListedAtOnce(t *testing.T) {
	w, key := withKey(t)
	for pattern, fields := range map[string][]string{
		"/sign-in/{flow}/password": {"email", "password"},
		"/bind/{token}":            {"authenticator", "email"},
	} {
		b := w.Browser()
		path := w.formFor(t, b, key, pattern)
		form := logintest.Values()
		for _, name := range fields {
			form.Set(name, "")
		}
		page := logintest.Text(b.Do(http.MethodPost, path, form))
		for _, name := range fields {
			if !strings.Contains(page, `href="#`+name+`"`) {
				t.Errorf("%s: the summary does not lead to %s: %s", pattern, name, webtest.Text(page))
			}
		}
	}
}

const adasAddress = "Ada@example.nhs.uk"

// formFor brings a browser to the step of which a form is a part, and gives the form's path.
func (w *world) formFor(t *testing.T, b *logintest.Browser, key *logintest.Device, pattern string) string {
	t.Helper()
	chosen := func(way string, q url.Values) (at string) {
		at = b.Begin(q)
		b.Send(at+"/authenticator", "authenticator", way)
		return at
	}
	switch pattern {
	case "/sign-in/{flow}/password":
		return chosen(string(authn.AuthenticatorApp), logintest.Request()) + "/password"
	case "/sign-in/{flow}/forget":
		return chosen(string(authn.AuthenticatorApp), logintest.Request()) + "/forget"
	case "/sign-in/{flow}/forgotten":
		return chosen(string(authn.AuthenticatorApp), logintest.Request()) + "/forgotten"
	case "/sign-in/{flow}/new-password":
		at := chosen(string(authn.AuthenticatorApp), logintest.Request())
		return b.Send(at+"/forgotten", "email", adasAddress)
	case "/sign-in/{flow}/code":
		at := chosen(string(authn.AuthenticatorApp), logintest.Request())
		b.Send(at+"/password", "email", adasAddress, "password", logintest.GoodPass)
		return at + "/code"
	case "/sign-in/{flow}/key":
		return chosen(string(authn.SecurityKey), logintest.Request()) + "/key"
	case "/sign-in/{flow}/role":
		at := chosen(string(authn.SecurityKey), logintest.Request("scope", "openid selectedrole"))
		b.Send(at+"/key", "answer", b.Touch(at, key))
		return at + "/role"
	case "/simulated/{flow}":
		return "/simulated/" + strings.TrimPrefix(chosen("simulated", logintest.Request()), provider.FlowPath)
	case "/sign-in/{flow}/connect":
		return chosen(string(authn.NHSMail), logintest.Request()) + "/connect"
	case "/sign-in/{flow}/account":
		at := chosen(string(authn.NHSMail), logintest.Request())
		b.ToProvider(at, "nhsnet")
		return at + "/account"
	case "/binding/{flow}/connect":
		return w.BindPages(b, w.UUID, adasAddress, authn.NHSMail) + "/connect"
	case "/binding/{flow}/account":
		at := w.BindPages(b, w.UUID, adasAddress, authn.NHSMail)
		b.ToProvider(at, "nhsnet")
		return at + "/account"
	case "/sign-in/{flow}/reader":
		return chosen(string(authn.SmartcardInternet), logintest.Request()) + "/reader"
	case "/sign-in/{flow}/card":
		at := chosen(string(authn.SmartcardInternet), logintest.Request())
		b.ToDoor(at)
		return at + "/card"
	case "/binding/{flow}/reader":
		return w.BindPages(b, w.UUID, adasAddress, authn.SmartcardInternet) + "/reader"
	case "/binding/{flow}/card":
		at := w.BindPages(b, w.UUID, adasAddress, authn.SmartcardInternet)
		b.ToDoor(at)
		return at + "/card"
	case "/binding/{flow}/key":
		return w.BindPages(b, w.UUID, adasAddress, authn.Passkey) + "/key"
	case "/bind/{token}":
		return w.invitation(t)
	case "/binding/{flow}/code":
		at := b.Send(w.invitation(t), "email", adasAddress, "authenticator", string(authn.Passkey))
		return at + "/code"
	case "/binding/{flow}/password":
		return w.BindPages(b, w.bea(), beasAddress, authn.AuthenticatorApp) + "/password"
	case "/binding/{flow}/app":
		at := w.BindPages(b, w.bea(), beasAddress, authn.AuthenticatorApp)
		b.Send(at+"/password", "password", logintest.GoodPass)
		return at + "/app"
	}
	name := strings.TrimPrefix(pattern, step.FlowPattern+"/")
	if strings.HasPrefix(pattern, step.BindingPattern) || name != pattern && !slices.Contains(usualForms, name) {
		t.Errorf("%s: it is not said how a browser comes to this form", pattern)
	}
	return w.pathFor(t, b, key, pattern)
}

// usualForms are those to which a sign-in of any kind comes at once.
var usualForms = []string{"continue", "somebody-else", "authenticator", "again", "leave"}

func (w *world) invitation(t *testing.T) (path string) {
	t.Helper()
	kinds := []authn.Kind{authn.Passkey, authn.AuthenticatorApp}
	return w.Invite(w.UUID, kinds...)
}

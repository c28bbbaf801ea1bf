package login_test

import (
	"errors"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/population"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/session"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// called lists the routes that programs call, and those to which services' pages send people.
func called() (patterns []string) {
	for _, path := range []string{
		cis2.PushedPath, cis2.TokenPath, cis2.IntrospectPath, cis2.RevokePath, cis2.UserInfoPath, cis2.AuthorizePath,
		cis2.EndSessionPath,
	} {
		patterns = append(patterns, "POST "+cis2.Realm+path)
	}
	return patterns
}

// Every form belongs to the person for whom it was rendered, or to its sign-in or binding, and to its own path, and
// must arrive whole. Its address leads to its page.
func TestFormsOfOthersAreRefused(t *testing.T) {
	walk := walk(t)
	walk.Run(t)
	walk.Looks(t)
}

// No error page answers a post: loaded again, it would have the browser ask whether to send the form once more.
func TestNoErrorPageAnswersAPost(t *testing.T) { walk(t).Answers(t) }

func walk(t *testing.T) webtest.Walk {
	t.Helper()
	w, key := withKey(t)
	w.Site = w.DemoSite()
	w.readNotices()
	return webtest.Walk{
		Site: w.Site, Sealer: w.Sealer(), Unsealed: called(),
		Open: func(route web.Route) (map[string]string, string) {
			b := w.Browser()
			_, at, _ := strings.Cut(route.Pattern, " ")
			path := w.pathFor(t, b, key, at)
			jobtest.Settle(t, w.Jobs) // a job of the way there changes nothing later
			return b.Cookies, path
		},
		Changed: func() int64 {
			return w.Count(`SELECT COUNT(*) FROM event`) + w.Count(`SELECT COUNT(*) FROM session`) +
				w.Count(`SELECT COUNT(*) FROM mailed_code`) + w.Count(`SELECT COUNT(*) FROM flow`)
		},
	}
}

// pathFor brings a browser to where a route answers it, and gives the path there.
func (w *world) pathFor(t *testing.T, b *logintest.Browser, key *logintest.Device, pattern string) string {
	t.Helper()
	switch {
	case strings.HasPrefix(pattern, provider.FlowPath), strings.HasPrefix(pattern, "/simulated/"):
		flow := strings.TrimPrefix(b.Begin(logintest.Request()), provider.FlowPath)
		return strings.Replace(pattern, "{flow}", flow, 1)
	case strings.HasPrefix(pattern, "/binding/"):
		at := w.BindPages(b, w.UUID, "Ada@example.nhs.uk", authn.Passkey)
		return strings.Replace(pattern, "/binding/{flow}", at, 1)
	case strings.HasPrefix(pattern, authenticator.BindPath):
		return w.Invite(w.UUID, authn.Passkey)
	}
	b.SignIn(logintest.Request(), key)
	if strings.HasPrefix(pattern, "/sign-out/") {
		return b.Get(logintest.Realm + cis2.EndSessionPath).Header.Get("Location")
	}
	return strings.Replace(pattern, "{id}", w.UUID, 1)
}

// A page about one person's sessions does nothing to those of another, and says who is logged in now.
func TestASessionIsNotEndedAsAnothers(t *testing.T) {
	w, key := withKey(t)
	b := w.Browser()
	b.SignIn(logintest.Request(), key)
	adas := logintest.Text(b.Get("/my-sessions"))
	question := b.Get(logintest.Realm + cis2.EndSessionPath).Header.Get("Location")
	asks := logintest.Text(b.Get(question))
	ben := w.Person(population.Person{GivenName: "Ben", FamilyName: "Example", Organisation: "FXX01"})
	w.ByDesk(func(dw *db.W) error {
		state := session.State{Proven: authenticator.Proven{UUID: ben.ID, Level: authn.AAL3}}
		begun, err := w.Provider.Sessions().Begin(t.Context(), dw, session.Session{}, state)
		b.Cookies["__Host-"+session.Cookie] = begun.Cookie
		return errors.Join(err, dw.Record(t.Context(), audit.Event{Kind: "test.logged-in"}))
	})
	end := regexp.MustCompile(`/my-sessions/[^/"]+/end`).FindString(adas)
	for path, page := range map[string]string{end: adas, question: asks} {
		got := b.Do(http.MethodPost, path, logintest.Values("seal", webtest.SealOf(page, path)))
		if to := got.Header.Get("Location"); to != "/another-person" {
			t.Errorf("%s: a reload would send it again: %d to %q", path, got.StatusCode, to)
		}
		got = b.Get("/another-person")
		body := webtest.Text(logintest.Text(got))
		if got.StatusCode != http.StatusConflict || !strings.Contains(body, "You are logged in as Ben Example") ||
			!strings.Contains(body, "opened by Ada Example") {
			t.Errorf("%s: %d %s", path, got.StatusCode, body)
		}
	}
}

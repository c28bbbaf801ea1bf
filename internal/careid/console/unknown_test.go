package console_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// repeatable is a form that saves something each time it is sent.
type repeatable struct {
	page, path string
	form       []string
	kind       audit.Kind // of the event
}

// repeatables are forms of Ada's, and the browser on which she is logged in.
func (w *world) repeatables() (*browser, map[string]repeatable) {
	w.Helper()
	b := w.signedIn()
	client := b.register(b.team("Fenmarch Software"), rota())
	return b, map[string]repeatable{
		"a team": {"/connections", "/connections/teams", []string{"name", "Oak Tree Software"}, "team.made"},
		"an email address": {
			"/view-your-profile/email", "/view-your-profile/email", []string{"email", newEmail}, "identity.email-asked",
		},
		"a secret": {
			client, client + "/secret", []string{"overlap", "1h", "asked-overlap", ""}, "client.secret-rotated",
		},
	}
}

// A form of which nobody could tell whether it was saved is done once, however often it is sent again. One that was not
// saved is.
func TestAFormIsDoneOnceThoughItsAnswerWasLost(t *testing.T) {
	for _, tt := range []struct {
		name   string
		moment db.Moment
		status int
		again  bool // the answer never reached the browser, which sends the form again as it loads a page anew
		saved  int
		says   string
	}{
		{"after it was saved", db.Committed, http.StatusGatewayTimeout, false, 1, "nothing is done twice"},
		{"after it was saved, with no answer", db.Committed, http.StatusGatewayTimeout, true, 1, ""},
		{"before it was saved", db.Committing, http.StatusServiceUnavailable, true, 0, "Nothing you entered was changed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := open(t)
			b, forms := w.repeatables()
			for name, f := range forms {
				before := w.events(f.kind)
				form := webtest.Form(append(f.form, web.SealField, webtest.SealOf(b.get(f.page).markup, f.path))...)
				mend := dbtest.Break(t, w.DB, dbtest.At(tt.moment))
				first := b.do(http.MethodPost, f.path, form)
				mend()
				saved := w.events(f.kind) - before
				if saved != tt.saved || first.status != tt.status || !strings.Contains(first.text, tt.says) {
					t.Fatalf("%s, the first time: %d, saved %d: %s", name, first.status, saved, first.text)
				}
				repeat := webtest.Request(http.MethodPost, address+f.path, form)
				if tt.again {
					delete(b.Cookies, "__Host-unsure")
					repeat.Header.Set("Cache-Control", "max-age=0")
				}
				got := b.Do(repeat)
				if saved = w.events(f.kind) - before; saved != 1 {
					t.Fatalf("%s, sent again: %d, saved %d times: %s", name, got.Code, saved, got.Body)
				}
				page := got.Body.String()
				if got.Code == http.StatusSeeOther {
					page = b.get(got.Header().Get("Location")).text
				}
				if said := strings.Contains(page, "It was not done again"); said != (tt.saved == 1) {
					t.Errorf("%s: that it was saved before is said: %v: %s", name, said, page)
				}
			}
		})
	}
}

// The page that cannot tell leads to where it can be seen.
func TestWhatIsUnknownLeadsToItsPage(t *testing.T) {
	w := open(t)
	b, forms := w.repeatables()
	for name, f := range forms {
		mend := dbtest.Break(t, w.DB, dbtest.At(db.Committed))
		got := b.post(f.path, f.form...)
		mend()
		if got.status != http.StatusGatewayTimeout || !strings.Contains(got.markup, `href="`+f.page+`"`) ||
			strings.Contains(got.text, "Nothing you entered") {
			t.Errorf("%s: %d %s", name, got.status, got.text)
		}
	}
}

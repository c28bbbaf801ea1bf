package site_test

import (
	"strings"
	"testing"

	"signpost/internal/dos/mailing"
	"signpost/internal/dos/site/frame"
	"signpost/internal/national/authn"
	"signpost/internal/national/path"
	"signpost/internal/platform/reading"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/when"
)

// What local IT and registration authorities read is made of what each kind of authenticator says of itself: no kind
// and none of its needs is left out, and the words are plain.
func TestPacksSayAllThatEachAuthenticatorNeeds(t *testing.T) {
	w := newWorld(t)
	w.desk.Line = "Ask the service desk: 0300 123 4567"
	w.makeSite()
	b := w.browser()
	it := webtest.Text(b.get(frame.PackForIT).body)
	authority := webtest.Text(b.get(frame.PackForAuthorities).body)
	wants := func(page, what, text string) {
		t.Helper()
		if text == "" || !strings.Contains(page, text) {
			t.Errorf("%s is not there: %q", what, text)
		}
	}
	for _, k := range authn.Kinds() {
		d := k.Declared()
		wants(it, string(k), d.Label)
		wants(authority, string(k), d.Label)
		wants(authority, string(k)+", when it is lost", d.Lost)
		wants(authority, string(k)+", how people get it", d.Enrolment.Handed())
		if len(d.Needs) == 0 {
			t.Errorf("%s needs nothing", k)
		}
		for _, n := range d.Needs {
			wants(it, string(n), n.Setup().Do)
			wants(authority, string(n), n.Setup().Title)
			if age := reading.Of(n.Setup().Do, mailing.Terms()...).Age(); age > mailing.MaxAge {
				t.Errorf("%s is read at the age of %d", n, age)
			}
		}
	}
	wants(authority, "the position", "R8008")
	b.get(frame.PackForIT).mustHave(t, "https://cis2.example"+path.CheckDevicePage+path.DeviceSheet)
	b.get("/help").mustHave(t, frame.PackForIT, frame.PackForAuthorities)
	for _, at := range []string{frame.PackForIT, frame.PackForAuthorities} {
		b.get(at).mustHave(t, "mailto:?body=", "%2Fpacks%2F")
		sheet, _, _ := strings.Cut(webtest.Text(b.get(at).body), "Pass this page on")
		_, foot, _ := strings.Cut(sheet, "Whom to ask")
		for _, want := range []string{w.desk.Line, "https://cim.example" + path.FindRAPage, "as of " + when.Date(w.DB.Now()), home + at} {
			wants(foot, "the foot of "+at, want)
		}
	}
}

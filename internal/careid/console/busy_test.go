package console_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/platform/line"
)

// Where there is too much to do, a new login is told to come again; whoever is logged in goes on.
func TestNewLoginsAreToldToComeAgain(t *testing.T) {
	w := open(t)
	in := w.signedIn()
	w.entry = line.New(line.Options{})
	w.makeSite()
	in.Site = w.site
	got := w.browser().post("/sign-in")
	if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" ||
		!strings.Contains(got.text, "Wait 10 seconds") {
		t.Errorf("a new login: %d, come again after %q: %s", got.status, got.header.Get("Retry-After"), got.text)
	}
	if !in.in() {
		t.Error("whoever is logged in does not see their profile")
	}
}

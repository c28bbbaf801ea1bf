package site_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/platform/web/webtest"
)

// Somebody who forgot a password is told that waiting helps, in the same words whether there is such an account or not.
func TestTooManyTriesWithAUsername(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	answers := map[string]string{}
	for _, username := range []string{"ada", "nobody"} {
		for range 10 {
			b.withPassword(username, "wrong")
		}
		got := b.withPassword(username, goodPass)
		const says = "Too many tries with this username. Wait 15 minutes, or log in with your Care Identity."
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, says) {
			t.Errorf("%s: %d %s", username, got.status, webtest.Text(got.body))
		}
		answers[strings.ReplaceAll(webtest.Text(got.body), username, "…")] = username
	}
	if len(answers) != 1 {
		t.Errorf("the answers tell accounts apart: %q", answers)
	}
}

// Strangers who type wrong passwords at a username keep nobody out who signed in on their own browser before.
func TestStrangersDoNotLockOutAKnownBrowser(t *testing.T) {
	w := newWorld(t)
	hers := w.browser()
	if got := hers.withPassword("ada", goodPass); got.status != http.StatusSeeOther {
		t.Fatalf("the honest sign-in: %d %s", got.status, webtest.Text(got.body))
	}
	stranger := w.browser()
	for range 11 {
		stranger.withPassword("ada", "wrong")
	}
	if got := stranger.withPassword("ada", goodPass); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a stranger's browser while the username is locked: %d", got.status)
	}
	for name := range hers.Cookies {
		if name != "__Host-dos-known" {
			delete(hers.Cookies, name)
		}
	}
	if got := hers.withPassword("ada", goodPass); got.status != http.StatusSeeOther {
		t.Errorf("her own browser: %d %s", got.status, webtest.Text(got.body))
	}
}

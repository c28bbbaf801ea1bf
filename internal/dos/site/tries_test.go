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
		answers[strings.ReplaceAll(webtest.Unquoted(webtest.Text(got.body)), username, "…")] = username
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

// Whoever types capital letters in their username is let in, is known on that browser by it, and can undo their link.
func TestAUsernameIsTypedInAnyCase(t *testing.T) {
	w := newWorld(t)
	hers := w.browser()
	if got := hers.withPassword("ADA", goodPass); got.status != http.StatusSeeOther {
		t.Fatalf("in capital letters: %d %s", got.status, webtest.Text(got.body))
	}
	stranger := w.browser()
	for range 11 {
		stranger.withPassword("Ada", "wrong")
	}
	if got := stranger.withPassword("ada", goodPass); got.status != http.StatusUnprocessableEntity {
		t.Errorf("a stranger's browser while the username is locked: %d", got.status)
	}
	if got := hers.withPassword("aDa", goodPass); got.status != http.StatusSeeOther {
		t.Errorf("her own browser: %d %s", got.status, webtest.Text(got.body))
	}
	w = newWorld(t)
	w.link()
	if got := w.browser().post("/undo-link", "username", "ADA"); got.location != "/undo-link/code" {
		t.Errorf("to undo the link: %d to %q", got.status, got.location)
	}
	if w.Mailed("link.undo-code", "ada@example.nhs.uk") != 1 {
		t.Error("no code to undo the link")
	}
}

package site_test

import (
	"net/http"
	"strings"
	"testing"
)

const cancelled = "You cancelled. Nothing was changed."

// saysOnce looks at the start page twice: what was done is said the first time alone.
func (b *browser) saysOnce(t *testing.T, text string) {
	t.Helper()
	if first := b.get("/"); first.status != http.StatusOK || !strings.Contains(first.body, text) {
		t.Errorf("the start page does not say %q: %d %s", text, first.status, first.body)
	}
	if again := b.get("/"); strings.Contains(again.body, text) {
		t.Errorf("the start page says %q again", text)
	}
}

func TestCancelComesHomeAndSaysSoOnce(t *testing.T) {
	w := newWorld(t)
	b := w.begun()
	b.get("/").lacks(t, cancelled)
	if page := b.get("/link/confirm"); !strings.Contains(page.body, `action="/cancel"`) {
		t.Fatalf("the page has no Cancel: %s", page.body)
	}
	if got := b.post("/cancel"); got.location != "/" {
		t.Fatalf("cancel: %d to %q", got.status, got.location)
	}
	b.saysOnce(t, cancelled)
	if w.linked(w.ada.ID) {
		t.Error("the account is linked")
	}
}

func TestCancelAtCIS2ComesHomeAndSaysSoOnce(t *testing.T) {
	w := newWorld(t)
	for name, b := range map[string]*browser{"logged out": w.browser(), "logged in": w.begun()} {
		back := b.toIssuer()
		back.Del("code")
		back.Set("error", "access_denied")
		if got := b.get("/signin/callback?" + back.Encode()); got.location != "/" {
			t.Fatalf("%s: %d to %q", name, got.status, got.location)
		}
		b.saysOnce(t, cancelled)
	}
}

func (p page) lacks(t *testing.T, text string) {
	t.Helper()
	if strings.Contains(p.body, text) {
		t.Errorf("the page says %q", text)
	}
}

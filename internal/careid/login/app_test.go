package login_test

import (
	"html"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/national/authn"
)

// bindApp walks through the binding of an authenticator app.
func (w *world) bindApp(t *testing.T) {
	t.Helper()
	b := w.browser()
	at := w.bindPages(b, w.uuid, "Ada@example.nhs.uk", authn.AuthenticatorApp)
	b.send(at+"/password", "password", goodPass)
	page := text(b.get(at))
	_, rest, found := strings.Cut(page, `<p class="signpost-code">`)
	shown, _, _ := strings.Cut(rest, "<")
	if !found || !strings.Contains(page, "<path d=\"M4 4h1v1h-1z") {
		t.Fatalf("no QR code and secret on the page: %s", page)
	}
	w.app = strings.ReplaceAll(html.UnescapeString(shown), " ", "")
	if to := b.send(at+"/app", "code", w.appCode(t)); to != "/authenticator-added" {
		t.Fatalf("binding ended at %s", to)
	}
}

// appCode gives the code that the app shows now.
func (w *world) appCode(t *testing.T) string {
	t.Helper()
	return must(totp.CodeAt(w.app, w.clock.Now()))(t)
}

func codeOf(t *testing.T, to string) string {
	t.Helper()
	code := must(url.Parse(to))(t).Query().Get("code")
	if code == "" {
		t.Fatalf("no code in %s", to)
	}
	return code
}

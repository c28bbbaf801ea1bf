package logintest

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/national/authn"
	"signpost/internal/platform/worldtest"
)

// BindApp walks through the binding of an authenticator app.
func (w *World) BindApp(t testing.TB) {
	t.Helper()
	b := w.Browser()
	at := w.BindPages(b, w.UUID, "Ada@example.nhs.uk", authn.AuthenticatorApp)
	b.Send(at+"/password", "password", GoodPass)
	w.App = AppSecret(t, b.Get(at))
	if to := b.Send(at+"/app", "code", w.AppCode(t)); to != "/authenticator-added" {
		t.Fatalf("binding ended at %s", to)
	}
}

// AppSecret returns the secret that the page shows on which an app takes it.
func AppSecret(t testing.TB, res *http.Response) string {
	t.Helper()
	page := Text(res)
	_, rest, found := strings.Cut(page, `<p class="signpost-code">`)
	shown, _, _ := strings.Cut(rest, "<")
	if !found || !strings.Contains(page, "<path d=\"M4 4h1v1h-1z") {
		t.Fatalf("no QR code and secret on the page: %s", page)
	}
	return strings.ReplaceAll(html.UnescapeString(shown), " ", "")
}

// AppCode returns the code that the app shows now.
func (w *World) AppCode(t testing.TB) string {
	t.Helper()
	return worldtest.Must(totp.CodeAt(w.App, w.Clock.Now()))(t)
}

// CodeOf returns the code in the address that a browser was sent to.
func CodeOf(t testing.TB, to string) string {
	t.Helper()
	code := worldtest.Must(url.Parse(to))(t).Query().Get("code")
	if code == "" {
		t.Fatalf("no code in %s", to)
	}
	return code
}

package site_test

import (
	"net/url"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/device"
)

// The page of a device's result leads to the form of a ticket with its code, which the desk reads; a caller's code that
// was misheard is refused.
func TestATicketTakesTheResultCodeOfADevice(t *testing.T) {
	w := newWorld(t)
	found := device.Result{device.Script: device.Yes, device.Cookies: device.Yes, device.WebAuthn: device.No}
	code := device.Show(found.Code(w.Clock.Now()))
	b := w.browser()
	b.get("/help").mustHave(t, "https://cis2.example/check-device")
	b.get("/help/ticket?reference="+url.QueryEscape(code)).mustHave(t, `value="`+code+`"`,
		`value="What works on my device"`, `value="authenticator" checked`)
	desk := w.loggedIn("desk", account.Desk.In(account.Everywhere))
	raise := func(code string) page {
		return desk.post("/tickets/new", "account", w.ada.ID, "name", "Ada Example", "email", "ada@example.nhs.uk",
			"category", "authenticator", "subject", "My key", "text", "She asks what works.", "reference", code)
	}
	misheard := code[4:] + " " + code[:3]
	if got := raise(misheard); got.status != 422 || !strings.Contains(got.body,
		"Enter the reference as the page showed it") {
		t.Errorf("a code that is none: %d %s", got.status, got.location)
	}
	got := raise(strings.ToLower(code))
	if !strings.HasPrefix(got.location, "/tickets/") {
		t.Fatalf("not raised: %d %s", got.status, got.body)
	}
	desk.get(got.location).mustHave(t, code, "Does not work there", "Security Key, Windows Hello, iPad, Passkey",
		"https://cis2.example/check-device/result?code="+device.Plain(code))
}

package login_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"signpost/internal/careid/careidtest/logintest"
	"signpost/internal/careid/login"
	"signpost/internal/national/device"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// lookedAt sends what a script found, and gives the code of the result with its page.
func (w *world) lookedAt(t *testing.T, b *logintest.Browser, pairs ...string) (code, page string) {
	t.Helper()
	res := b.Get("/check-device/found?" + logintest.Values(pairs...).Encode())
	to, err := url.Parse(res.Header.Get("Location"))
	if err != nil || res.StatusCode != http.StatusSeeOther || to.Path != "/check-device/result" {
		t.Fatalf("%d, %s", res.StatusCode, to)
	}
	code = to.Query().Get("code")
	return code, strings.Join(strings.Fields(webtest.Text(logintest.Text(b.Get(to.String())))), " ")
}

// What a script found is judged, and the page of the code says the same to others.
func TestADeviceIsLookedAt(t *testing.T) {
	w := open(t)
	b := w.Browser()
	check := b.Get("/check-device")
	if check.StatusCode != 200 || !strings.Contains(logintest.Text(check), `data-device-check="/check-device/found"`) {
		t.Errorf("the check: %d", check.StatusCode)
	}
	policy := func(path string) string { return b.Get(path).Header.Get("Content-Security-Policy") }
	good, _ := w.lookedAt(t, b)
	good = "/check-device/result?code=" + good
	if got := policy(good + "&here=1"); !strings.Contains(got, "connect-src 'self' https://smartcard.localhost:8443;") {
		t.Errorf("the page from which the door may be asked: %s", got)
	}
	for _, other := range []string{good, "/check-device", "/check-device/local-it"} {
		if got := policy(other); !strings.Contains(got, "connect-src 'self';") {
			t.Errorf("%s: %s", other, got)
		}
	}
	before := w.Count(`SELECT COUNT(*) FROM event`)
	whole := []string{"script", "yes", "webauthn", "yes", "built_in", "yes", "offers", "yes", "nearby", "yes", "ahead", "-2",
		"cookies", "asked"}
	for _, tt := range []struct {
		name  string
		b     *logintest.Browser
		pairs []string
		want  []string
	}{
		{"everything there", b, whole, []string{"You can use Security Key, Passkey, Authenticator app and NHS.net Connect",
			"Windows Hello It depends", "Smartcard (internet) Cannot tell", "We have not looked at your smartcard yet",
			"Clock Right, to half a minute", "keeps our cookies Yes", "Network, as we see it The internet"}},
		{"no card", b, append(whole, "door", "missing"), []string{"Smartcard (internet) Cannot tell", "showed no card"}},
		{"a card", b, append(whole, "door", "accepted"), []string{"Smartcard (internet) Works"}},
		{"no cookies", w.Browser(), whole, []string{"You cannot log in on this device as it is", "does not keep our cookies",
			"Who does this: you"}},
		{"a slow clock", b, []string{"script", "yes", "webauthn", "yes", "ahead", "-45", "cookies", "asked"}, []string{
			"more than 30 seconds slow", "Authenticator app It depends", "Security Key Works"}},
		{"no WebAuthn", b, []string{"script", "yes", "webauthn", "no", "cookies", "asked"}, []string{
			"Security Key Does not work", "Who does this: your local IT team"}},
		{"nothing that there is", b, []string{"script", "<script>", "door", "open", "ahead", "soon", "x", "y"}, []string{
			"Security Key Does not work", "JavaScript is switched off", "Clock Not known"}},
	} {
		code, page := w.lookedAt(t, tt.b, tt.pairs...)
		for _, want := range tt.want {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page lacks %q: %s", tt.name, want, page)
			}
		}
		read := webtest.Text(logintest.Text(w.Browser().Get("/check-device/result?" +
			logintest.Values("code", strings.ToLower(device.Show(code))).Encode())))
		read = strings.Join(strings.Fields(read), " ")
		if !strings.Contains(read, "What a check of a device found") || strings.Contains(read, "Check the smartcard") {
			t.Errorf("%s: the page of the code: %s", tt.name, read)
		}
		for _, want := range tt.want {
			if !strings.Contains(read, want) {
				t.Errorf("%s: the page of the code lacks %q: %s", tt.name, want, read)
			}
		}
	}
	if n := w.Count(`SELECT COUNT(*) FROM event`); n != before {
		t.Errorf("%d events are kept", n-before)
	}
}

// A result whose address was sent to somebody else is not said to be of their device, and shows no card of theirs.
func TestAResultThatWasSentIsNotOfTheDeviceThatReadsIt(t *testing.T) {
	w := open(t)
	b, other := w.Browser(), w.Browser()
	other.Get("/check-device") // they looked at theirs before
	b.Get("/check-device")
	code, _ := w.lookedAt(t, b, "script", "yes", "webauthn", "yes", "cookies", "asked")
	for name, tt := range map[string]struct {
		b    *logintest.Browser
		here bool
	}{"their own": {b, true}, "another browser": {other, false}, "one that was never here": {w.Browser(), false}} {
		page := webtest.Text(logintest.Text(tt.b.Get("/check-device/result?here=1&code=" + code)))
		here := strings.Contains(page, "What works on this device") && strings.Contains(page, "Check the smartcard") &&
			!strings.Contains(page, "where the code was made")
		sent := strings.Contains(page, "What a check of a device found") &&
			!strings.Contains(page, "Check the smartcard") && strings.Contains(page, "where the code was made")
		if here != tt.here || sent == tt.here {
			t.Errorf("%s: %s", name, page)
		}
	}
}

// A card that is shown later changes what was said of cards alone.
func TestACardIsShownToACheck(t *testing.T) {
	w := open(t)
	b := w.Browser()
	b.Get("/check-device")
	code, _ := w.lookedAt(t, b, "script", "yes", "webauthn", "yes", "ahead", "90", "cookies", "asked",
		"door", "missing")
	other := w.Browser() // whose cookies have not been looked at
	_, page := w.lookedAt(t, other, "code", code, "script", "yes", "door", "accepted")
	for _, want := range []string{"Smartcard (internet) Works", "Security Key Works", "more than 30 seconds fast",
		"keeps our cookies Yes"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %q: %s", want, page)
		}
	}
}

// The network is what the server sees, whatever the script says; and where the operator names no NHS network, nobody
// is told that they are not in it.
func TestTheNetworkIsAsTheServerSeesIt(t *testing.T) {
	w := open(t)
	b := w.Browser()
	b.Address = logintest.LegacyAddress
	if _, page := w.lookedAt(t, b, "script", "yes", "network", "internet"); !strings.Contains(page,
		"Network, as we see it The NHS network (HSCN)") {
		t.Errorf("in the NHS network: %s", page)
	}
	o := w.Options
	o.NHSNetworks = nil
	o.Door = ""
	o.Metrics = web.NewMetrics(prometheus.NewRegistry())
	w.Site = login.New(o)
	_, page := w.lookedAt(t, w.Browser(), "script", "yes", "network", "nhs")
	if !strings.Contains(page, "Network, as we see it Not known Smartcard Not used here") {
		t.Errorf("where there is neither: %s", page)
	}
	if strings.Contains(page, "data-card") || strings.Contains(page, "Check the smartcard in the reader") {
		t.Errorf("where there is no door: %s", page)
	}
}

// A code that was misheard is asked for again.
func TestACodeThatIsNoneIsAskedForAgain(t *testing.T) {
	w := open(t)
	good := device.Result{device.Script: device.Yes}.Code(w.Clock.Now())
	for code, want := range map[string]int{
		good: 200, device.Show(good): 200, good[1:]: 422, good[:8] + "2": 422, "": 422, "<script>": 422, "KDF7 2M9X": 422,
	} {
		res := w.Browser().Get("/check-device/result?" + logintest.Values("code", code).Encode())
		page := logintest.Text(res)
		if asked := strings.Contains(page, "Enter the result code as you got it"); res.StatusCode != want ||
			asked != (want == 422) || strings.Contains(page, "<script>") {
			t.Errorf("%q: %d, %s", code, res.StatusCode, page)
		}
	}
}

// The sheet for local IT has the addresses of this system, and what the kinds need that can be used here.
func TestTheSheetForLocalIT(t *testing.T) {
	w := open(t)
	w.Options.Elsewhere = []string{"https://accounts.example"}
	w.Options.Directory = "https://dos.example"
	w.Options.Management = "https://cim.example"
	w.Options.Metrics = web.NewMetrics(prometheus.NewRegistry())
	w.Site = login.New(w.Options)
	page := strings.Join(strings.Fields(webtest.Text(logintest.Text(w.Browser().Get("/check-device/local-it")))), " ")
	for _, want := range []string{
		"http://cis2.localhost:8080: the login pages", "https://smartcard.localhost:8443: asks browsers for the certificate",
		"https://accounts.example: where people log in", "https://dos.example: the Directory of Services",
		"https://cim.example: Care Identity Management", "Let the pages where people log in run JavaScript", "https://cable.ua5v.com", "A smartcard reader",
		`SecurityKeyPermitAttestation: ["cis2.localhost"]`, "Needed for: every authenticator",
		`{\"pattern\":\"https://smartcard.localhost:8443\",\"filter\":{}}`, "http://cis2.localhost:8080/check-device",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the sheet lacks %q: %s", want, page)
		}
	}
	if strings.Contains(page, "The NHS network (HSCN)") {
		t.Errorf("it has what no kind here needs: %s", page)
	}
}

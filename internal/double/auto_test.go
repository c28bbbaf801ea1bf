package double_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/double"
	"signpost/internal/double/file"
	"signpost/internal/national/authn"
	"signpost/internal/platform/worldtest"
)

func TestAuto(t *testing.T) {
	w := open(t)
	address, _ := w.request()
	page := func() bool { _, location := w.get(address); return strings.HasPrefix(location, "/sign-in/") }
	if !page() {
		t.Fatal("without auto there is no sign-in page")
	}
	w.must("auto", map[string]any{"person": "ada", "times": 2})
	if _, location := w.get(w.double.Issuer() + "/authorize?client_id=nobody"); location != "" {
		t.Errorf("a bad request leads to %s", location)
	}
	for range 2 {
		_, location := w.get(address)
		w.codeFrom(location)
	}
	if !page() {
		t.Error("after so many times it goes on")
	}
	w.must("auto", map[string]any{"person": "ada", "authenticator": "authenticator_app"})
	if !page() {
		t.Error("a proof of too low a level signs in")
	}
	w.must("auto", map[string]any{})
	if status, got := w.control("auto", map[string]any{"person": "eve"}); status != http.StatusNotFound {
		t.Errorf("nobody: %d %v", status, got)
	}
}

// A browser that others used is not asked whose session it is where a script says who is there.
func TestAutoOnASharedBrowser(t *testing.T) {
	w := open(t, func(o *double.Options) { o.File.Auto = file.Auto{Person: "ada"} })
	address, _ := w.request()
	var session string
	for range 2 {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
		worldtest.Check(t, err)
		r.Header.Set("Cookie", session+"; __Host-users=of-others")
		res, err := http.DefaultTransport.RoundTrip(r)
		worldtest.Check(t, err)
		worldtest.Check(t, res.Body.Close())
		w.codeFrom(res.Header.Get("Location"))
		session, _, _ = strings.Cut(res.Header.Get("Set-Cookie"), ";")
	}
}

// The file may say who is signed in at once, and what an organisation has approved.
func TestFileDecides(t *testing.T) {
	w := open(t, func(o *double.Options) {
		o.File.Auto = file.Auto{Person: "ada"}
		o.File.Organisations[0].Approved = []authn.Kind{authn.SecurityKey}
	})
	address, _ := w.request()
	_, location := w.get(address)
	w.codeFrom(location)
	w.must("auto", map[string]any{})
	address, _ = w.request("acr_values", "AAL2_OR_AAL3_ANY")
	app := map[string]any{"url": address, "person": "ada", "authenticator": "authenticator_app"}
	if status, got := w.control("sign-in", app); status != http.StatusForbidden || got["error"] != "not-approved" {
		t.Errorf("a kind that is not approved: %d %v", status, got)
	}
}

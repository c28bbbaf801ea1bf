package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/webtest"
)

// Whoever opens a page before they are logged in goes on to it once they are, by password or with a Care Identity.
func TestADeepLinkIsGoneOnTo(t *testing.T) {
	w := newWorld(t)
	w.link()
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	const search = "/services?postcode=M1+1AE&name=oak%26ash"
	for name, logIn := range map[string]func(b *browser) page{
		"with a Care Identity": func(b *browser) page { return b.careIdentity() },
		"by password":          func(b *browser) page { return b.withPassword("bo", goodPass) },
	} {
		b := w.browser()
		if front := b.get(search); front.location != "/" {
			t.Fatalf("%s: %d %s", name, front.status, front.location)
		}
		if got := logIn(b); got.location != search {
			t.Errorf("%s goes on to %q", name, got.location)
		}
		b.post("/sign-out")
		if got := logIn(b); got.location != "/" {
			t.Errorf("%s, the next login goes on to %q", name, got.location)
		}
	}
}

// A form that waits for somebody else takes nobody's way, and that person's page leads nobody there either.
func TestAnothersFormTakesNobodysWay(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	b := w.browser()
	b.withPassword("ada", goodPass)
	sealed := webtest.SealOf(b.get("/account").body, "/account/email")
	b.post("/sign-out")
	b.post("/account/email", "email", "ada.new@example.nhs.uk", "seal", sealed)
	b.get("/services?name=oak")
	if got := b.withPassword("bo", goodPass); got.location != "/services?name=oak" {
		t.Errorf("Bo goes on to %q", got.location)
	}
	b.post("/sign-out")
	if got := b.withPassword("ada", goodPass); got.location != "/held" {
		t.Errorf("Ada goes on to %q", got.location)
	}
}

// Nobody is led to another site, whatever address they were sent to, and no made-up cookie leads anywhere.
func TestNobodyIsLedElsewhereByALogin(t *testing.T) {
	w := newWorld(t)
	tried := 0
	for _, address := range []string{
		"//evil.example/services", "/services/%2F%2Fevil.example", "/services//evil.example",
		"/services/%5C%5Cevil.example",
		"/services?to=https://evil.example", "/services/%0d%0aLocation:%20https:%2F%2Fevil.example", "/services/%09",
		"/services/..%2F..%2F%2Fevil.example", "/%2Fevil.example", "/services/https:evil.example",
	} {
		b := w.browser()
		b.get(address)
		got := b.withPassword("ada", goodPass)
		to, err := url.Parse(got.location)
		tried++
		own := err == nil && to.Host == "" && to.Scheme == "" && web.Local(got.location)
		if got.status != http.StatusSeeOther || !own {
			t.Errorf("%q: %d to %q", address, got.status, got.location)
		}
	}
	for _, made := range []string{"/services", "L3NlcnZpY2Vz", "Ly9ldmlsLmV4YW1wbGU", "https://evil.example"} {
		b := w.browser()
		b.cookies["__Host-dos-wanted"] = made
		tried++
		if got := b.withPassword("ada", goodPass); got.location != "/" {
			t.Errorf("a cookie %q leads to %q", made, got.location)
		}
	}
	t.Logf("logins that lead elsewhere: tried %d", tried)
}

// What scripts and forms ask for is not gone on to, nor is a logout, nor an address of any length.
func TestOnlyPagesAreGoneOnTo(t *testing.T) {
	w := newWorld(t)
	for name, ask := range map[string]func(b *browser){
		"a form":         func(b *browser) { b.post("/account/email", "email", "x@example.nhs.uk") },
		"a logout":       func(b *browser) { b.get("/sign-out") },
		"a long address": func(b *browser) { b.get("/services?name=" + strings.Repeat("x", 2000)) },
	} {
		b := w.browser()
		ask(b)
		if b.cookies["__Host-dos-wanted"] != "" {
			t.Errorf("%s is remembered", name)
		}
	}
}

package site_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

// L35: whoever helps at the support desk takes nobody's account. No form changes somebody else's address, whatever is
// filled in; the code that they can make is told to the holder, and does nothing without the holder's mailbox.
func TestNobodyAtTheDeskTakesAnAccount(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "helper", FirstName: "Hal", LastName: "Helper", Email: "hal@example.nhs.uk",
		Grants: account.UserAdministrator.In(account.Everywhere)}, path.Choose)
	bo := w.account(account.New{Username: "bo", FirstName: "Bo", LastName: "Example", Email: "bo@example.nhs.uk",
		EmailProved: true}, path.Choose)
	const theirs = "hal.too@example.nhs.uk"
	kept := func() bool {
		return w.count(`SELECT COUNT(*) FROM account WHERE username = 'bo' AND email = 'bo@example.nhs.uk'`) == 1
	}
	var y tally
	helper := w.browser()
	helper.withPassword("helper", goodPass)
	for _, route := range w.site.Routes() {
		method, at, _ := strings.Cut(route.Pattern, " ")
		if method != http.MethodPost || !strings.HasPrefix(at, "/users/{id}/") || strings.HasSuffix(at, "/relink") {
			continue
		}
		form := url.Values{}
		for _, name := range append(route.Fields, "email", "new_email", "address", "to") {
			form.Set(name, theirs)
		}
		at = strings.ReplaceAll(at, "{id}", bo.ID)
		helper.Do(webtest.Request(http.MethodPost, home+at, form))
		y.attack(t, "L35 "+at, !kept() || w.Mailed("account.email-code", theirs) != 0)
	}
	code := helper.makeCode(w.ada.ID)
	if w.Mailed("link.leave", "ada@example.nhs.uk") != 1 {
		t.Error("the holder is not told of the code")
	}
	w.issuer.Person.Subject = "500000000077" // of the helper, with the holder's address, as a wrong registration has it
	helper.post("/sign-out")
	helper.careIdentity()
	to := helper.post("/link/code", "username", "ada", "code", code)
	helper.get("/signin/callback?" + w.issuer.SignIn(w, to.location).Encode())
	helper.post("/link/confirm")
	y.attack(t, "L35 a link with the code alone", w.linked(w.ada.ID))
	if got := helper.post("/link/confirm", "code", w.code("ada@example.nhs.uk")); got.location != "/linked" {
		t.Errorf("the honest twin, who reads the mailbox: %d to %q %s", got.status, got.location, got.body)
	}
	y.report(t, "L35 the support desk")
}

package site_test

import (
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
)

// Whoever finds a session that somebody left changes neither its email address nor its link: both ask for a proof of
// the last 5 minutes.
func TestAnEmailAddressAndALinkAskForAFreshProof(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	bo := w.browser()
	bo.withPassword("bo", goodPass)
	if page := bo.get("/account"); !strings.Contains(page.body, `action="/account/email"`) {
		t.Fatal("the form is not there after a login")
	}
	w.clock.Advance(6 * time.Minute)
	if page := bo.get("/account"); strings.Contains(page.body, `action="/account/email"`) ||
		!strings.Contains(page.body, `href="/account/prove"`) {
		t.Error("6 minutes later the page does not ask to confirm")
	}
	if got := bo.post("/account/email", "email", "new@example.nhs.uk"); got.location != "/account/prove" {
		t.Errorf("6 minutes later: %d to %q", got.status, got.location)
	}
	if got := bo.post("/account/prove", "password", "wrong"); !strings.Contains(got.body, "Enter the password of bo") {
		t.Errorf("a wrong password: %d", got.status)
	}
	if got := bo.post("/account/prove", "password", goodPass); got.location != "/account" {
		t.Fatalf("the password: %d to %q", got.status, got.location)
	}
	if got := bo.post("/account/email", "email", "new@example.nhs.uk"); got.location != "/account/email/code" {
		t.Errorf("after the password: %d to %q", got.status, got.location)
	}
	w.link()
	ada := w.browser()
	w.issuer.Person.AuthTime = w.clock.Now()
	ada.careIdentity()
	w.clock.Advance(6 * time.Minute)
	if got := ada.post("/account/unlink"); got.location != "/account/prove" || !w.linked(w.ada.ID) {
		t.Errorf("an undo 6 minutes later: %d to %q", got.status, got.location)
	}
	prove := func() page {
		to := ada.post("/account/prove/care-identity").location
		if !asksForProof(t, to) {
			t.Errorf("CIS2 is not asked for proof now: %s", to)
		}
		w.issuer.Person.AuthTime = w.clock.Now()
		return ada.get("/signin/callback?" + w.issuer.SignIn(t, to).Encode())
	}
	if got := prove(); got.location != "/account" {
		t.Fatalf("proved at CIS2: %d to %q", got.status, got.location)
	}
	if got := ada.post("/account/unlink"); got.location != "/" || w.linked(w.ada.ID) {
		t.Errorf("an undo after the proof: %d to %q", got.status, got.location)
	}
}

package site_test

import (
	"net/http"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/platform/worldtest"
)

// setUpLink makes the first administrator of the directory, and gives their link.
func (w *world) setUpLink() string {
	w.Helper()
	return worldtest.Must(w.linker.MakeFirstAdministrator(w.Context(), worldtest.By, account.New{
		FirstName: "Margaret", LastName: "Hill", Email: "margaret@example.nhs.uk", Organisation: "Z99Z9",
	}))(w).Path
}

// From the set-up link to the list of users.
func TestFirstAdministratorComesIn(t *testing.T) {
	w := newWorld(t)
	link := w.setUpLink()
	w.issuer.Person.Subject = "500000000099"
	w.issuer.Person.GivenName = "Margaret"
	w.issuer.Person.FamilyName = "Hill"
	b := w.browser()
	b.get(link).mustHave(t, "Margaret Hill", "margaret@example.nhs.uk", "Log in with my Care Identity")
	to := b.post(link)
	if !strings.HasPrefix(to.location, w.issuer.Name) || !strings.Contains(to.location, "prompt=login") {
		t.Fatalf("the link leads to %d %q %s", to.status, to.location, to.body)
	}
	back := b.get("/signin/callback?" + w.issuer.SignIn(w, to.location).Encode())
	if back.location != "/link/confirm" {
		t.Fatalf("back from CIS2: %d %q %s", back.status, back.location, back.body)
	}
	confirm := b.get(back.location)
	confirm.mustHave(t, "Margaret Hill", "We sent a code to margaret@example.nhs.uk")
	if strings.Contains(confirm.body, "password") {
		t.Error("an account that never had a password is told of one")
	}
	if got := b.post("/link/confirm", "code", w.code("margaret@example.nhs.uk")); got.location != "/linked" {
		t.Fatalf("link: %d %q %s", got.status, got.location, got.body)
	}
	w.Settle()
	for _, m := range w.Mails.To("margaret@example.nhs.uk") {
		if strings.Contains(m.Text, "password") {
			t.Errorf("an account that never had a password is told of one: %s", m.Text)
		}
	}
	b.careIdentity()
	if got := b.get("/users"); got.status != http.StatusOK {
		t.Errorf("the first administrator may not see the users: %d %s", got.status, got.body)
	}
	if got := w.browser().get(link); got.status != http.StatusGone || !strings.Contains(got.body, "has been used") {
		t.Errorf("the link a second time: %d %s", got.status, got.body)
	}
}

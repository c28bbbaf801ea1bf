package site_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/relying/relyingtest"
)

// Somebody who holds an account but may not link it gets a page with the reason, at an address without a code.
func TestWhoMayNotLinkHasAPageOfTheirOwn(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "early", Email: "early@example.nhs.uk"}, path.Prepare)
	w.account(account.New{Username: "team", Email: "team@example.nhs.uk", Kind: account.Shared}, path.Choose)
	w.account(account.New{Username: "desk", Email: "reception@example.nhs.uk"}, path.Choose)
	w.account(account.New{Username: "second", Email: "second@example.nhs.uk"}, path.Choose)
	w.link()
	linked := w.issuer.Person.Subject
	for _, tt := range []struct{ username, subject, location, message string }{
		{"early", "500000000099", "/link/refused/too-early", "Linking has not opened for your account yet"},
		{"team", "500000000099", "/request-account?shared=1", "each person who uses it needs an account of their own"},
		{"desk", "500000000099", "/link/refused/team-mailbox", "A team’s email address cannot prove who you are"},
		{"second", linked, "/link/refused/taken", "This account or this Care Identity is linked already"},
	} {
		w.issuer.Person.Subject = tt.subject
		b := w.browser()
		if got := b.withPassword(tt.username, goodPass); got.status != http.StatusSeeOther {
			t.Fatalf("%s cannot sign in: %d", tt.username, got.status)
		}
		got := b.careIdentity()
		if got.location != tt.location {
			t.Fatalf("%s: %d to %q, want %q", tt.username, got.status, got.location, tt.location)
		}
		if page := b.get(got.location); page.status != http.StatusOK || !strings.Contains(page.body, tt.message) ||
			!strings.Contains(page.body, "<h1") {
			t.Errorf("%s: the page lacks %q", tt.username, tt.message)
		}
	}
	for _, at := range []string{"overtaken", "identity-low"} {
		b := w.browser()
		b.cookies["__Host-once"] = "/link/refused/" + at
		if page := b.get("/link/refused/" + at); page.status != http.StatusOK ||
			!strings.Contains(page.body, "Nothing was") {
			t.Errorf("%s: %d", at, page.status)
		}
	}
	early := w.browser()
	early.withPassword("early", goodPass)
	if got := early.get("/link"); got.location != "/link/refused/too-early" {
		t.Errorf("linking too early begins: %d to %q", got.status, got.location)
	}
	if got := early.get("/account"); strings.Contains(got.body, `href="/link"`) ||
		!strings.Contains(got.body, "Linking has not opened") {
		t.Error("the account page offers to link too early")
	}
}

// What the page before the link says of being logged out agrees with the page after it.
func TestBeforeTheLinkItIsSaidWhereOneIsLoggedOut(t *testing.T) {
	w := newWorld(t)
	w.issuer.Person.Email = ""
	b := w.begun()
	words := strings.Join(strings.Fields(b.get("/link/confirm").body), " ")
	if !strings.Contains(words, "logged out of the Directory of Services on every browser. "+
		"You stay logged in with your Care Identity here.") || strings.Contains(words, "everywhere") {
		t.Errorf("the page says: %s", words)
	}
	if b.post("/link/confirm", "code", w.code("ada@example.nhs.uk")).location != "/linked" {
		t.Fatal("not linked")
	}
	after := strings.Join(strings.Fields(b.get("/linked").body), " ")
	if !strings.Contains(after, "logged out of the Directory of Services on every browser. "+
		"You are still logged in with your Care Identity here") {
		t.Errorf("the page after it says: %s", after)
	}
	w.Settle()
	told := w.Mails.To("ada@example.nhs.uk")
	if !slices.ContainsFunc(told, func(m mail.Arrival) bool {
		return strings.Contains(m.Text, "The old password no longer works.")
	}) {
		t.Errorf("the mails do not tell that the password is gone: %v", told)
	}
}

// R2: an account is proposed by an equal, proved address and still asks for its password.
func TestCandidateIsProposedAndNotLinked(t *testing.T) {
	const proposal = "has the email address of your Care Identity"
	w := newWorld(t)
	b := w.browser()
	if got := w.browser().get("/sign-in/no-account"); got.status != http.StatusSeeOther || got.location != "/" {
		t.Errorf("whoever began nothing gets %d, %q", got.status, got.location)
	}
	if got := b.careIdentity(); got.location != "/sign-in/no-account" {
		t.Fatalf("%d to %q", got.status, got.location)
	}
	if page := b.get("/sign-in/no-account"); !strings.Contains(page.body, "The account ada "+proposal) ||
		!strings.Contains(page.body, `value="ada"`) {
		t.Error("the account is not proposed")
	}
	if got := b.post("/link/claim", "username", "ada", "password",
		""); got.status != http.StatusUnprocessableEntity || w.linked(w.ada.ID) {
		t.Errorf("linked without the password: %d", got.status)
	}
	if got := b.post("/link/claim", "username", "", "password",
		goodPass); got.status != http.StatusUnprocessableEntity ||
		!strings.Contains(got.body, "Enter your Directory of Services username") {
		t.Errorf("no username: %d", got.status)
	}
	if got := b.claim("ada", goodPass); got.location != "/link/confirm" {
		t.Errorf("with the password: %d", got.status)
	}
	for name, change := range map[string]func(p *relyingtest.Person){
		"drifted":    func(p *relyingtest.Person) { p.Email = "ada@oldtrust.example" },
		"unverified": func(p *relyingtest.Person) { p.EmailVerified = false },
	} {
		w := newWorld(t)
		change(&w.issuer.Person)
		b := w.browser()
		b.careIdentity()
		if page := b.get("/sign-in/no-account"); strings.Contains(page.body, proposal) ||
			strings.Contains(page.body, `value="ada"`) {
			t.Errorf("%s: an account is proposed", name)
		}
	}
}

// Whoever comes to a page of linking and has begun nothing goes to the start page; whose link ended is told so.
func TestNothingBegunIsNoMistake(t *testing.T) {
	w := newWorld(t)
	ended := w.begun()
	w.clock.Advance(time.Hour)
	for _, page := range []string{"/link/confirm", "/link/names"} {
		if got := w.browser().get(page); got.status != http.StatusSeeOther || got.location != "/" {
			t.Errorf("%s without anything begun: %d to %q", page, got.status, got.location)
		}
		if got := ended.get(page); got.status != http.StatusGone {
			t.Errorf("%s of a link that took too long: %d", page, got.status)
		}
	}
}

// The page that confirms a link names a change of address that somebody began, and the link cancels it (L4).
func TestPendingChangeIsShownAtTheLink(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.withPassword("ada", goodPass)
	b.post("/account/email", "email", "attacker@example.nhs.uk")
	b.careIdentity()
	if page := b.get("/link/confirm"); !strings.Contains(page.body, "attacker@example.nhs.uk") {
		t.Error("the page does not name the change under way")
	}
}

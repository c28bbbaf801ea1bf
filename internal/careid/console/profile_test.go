package console_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/web/webtest"
)

func TestProfile(t *testing.T) {
	w := open(t)
	p := w.signedIn().get("/view-your-profile")
	p.has(t, "Dr Ada O'Example <b>", w.ada, oldEmail, "Not confirmed", "identity documents were checked",
		"Directory of Services System", "Admin/Clinical Support Access Role", "No end",
		"Old post", "24 November 2026 (over)",
		"Blue key", "AAL3", "Active", "Fenmarch University Hospitals (ZTR)", "ra@ztr.example")
	if !strings.Contains(p.markup, `href="mailto:ra@ztr.example"`) {
		t.Error("no link to write to the registration authority")
	}
	if strings.Contains(p.markup, "Example <b>") {
		t.Error("a name is taken for markup")
	}
	if !strings.Contains(p.markup, `href="/view-your-profile/email"`) {
		t.Error("no way to change the address")
	}
	var emails []webtest.SummaryRow
	for _, row := range webtest.Summary(p.markup) {
		if strings.HasPrefix(row.Key, "Email") {
			emails = append(emails, row)
		}
	}
	want := []webtest.SummaryRow{{Key: "Email address", Value: oldEmail + " Not confirmed"}}
	if !slices.Equal(emails, want) {
		t.Errorf("rows about the address: %q, want %q", emails, want)
	}
}

var codeIn = regexp.MustCompile(`code is ([A-Z0-9]{4} [A-Z0-9]{4})`)

// code gives the newest code that was mailed to an address.
func (w *world) code(to string) string {
	w.Helper()
	jobtest.Settle(w, w.Jobs)
	for _, m := range w.Mails.To(to) {
		if found := codeIn.FindStringSubmatch(m.Text); found != nil {
			return found[1]
		}
	}
	w.Fatalf("no code was mailed to %s", to)
	return ""
}

func TestChangeOfEmail(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	b.get("/view-your-profile/email").has(t, "Enter your contact details", "Email address")
	if p := b.post("/view-your-profile/email", "email", " "+newEmail); p.status != http.StatusSeeOther ||
		p.location != "/view-your-profile/email/code" {
		t.Fatalf("new address: %d %q %s", p.status, p.location, p.text)
	}
	b.get("/view-your-profile/email/code").has(t, "We sent a code to "+newEmail)
	code := w.code(newEmail)
	for range 3 { // opening the page, as scanners of mail do, changes nothing
		w.browser().get("/view-your-profile/email/code?code=" + url.QueryEscape(code))
		b.get("/view-your-profile/email/code?code=" + url.QueryEscape(code))
	}
	if w.identity().Email != oldEmail {
		t.Fatal("opening a page changed the address")
	}
	typed := strings.ToLower(code)
	if p := b.post("/view-your-profile/email/code", "code", typed); p.status != http.StatusSeeOther ||
		p.location != "/view-your-profile" {
		t.Fatalf("code: %d %q %s", p.status, p.location, p.text)
	}
	b.get("/view-your-profile").has(t, "Your email address has been updated and confirmed.", newEmail,
		"Confirmed 24 November 2026")
	jobtest.Settle(t, w.Jobs)
	changed := func(m mail.Arrival) bool { return m.Kind == "identity.email-changed" }
	if !slices.ContainsFunc(w.Mails.To(newEmail), changed) || slices.ContainsFunc(w.Mails.To(oldEmail), changed) {
		t.Error("not told at the address that was proved alone")
	}
	if i := w.identity(); i.Email != newEmail || !i.EmailVerified.Done() || w.events("identity.email-changed") != 1 {
		t.Errorf("identity %+v", i)
	}
	if p := b.post("/view-your-profile/email/code", "code", code); p.location != "/view-your-profile" {
		t.Errorf("second use of the code: %d %s", p.status, p.text)
	}
	b.get("/view-your-profile").has(t, "Your email address has been updated and confirmed")
	if n := w.events("identity.email-changed"); n != 1 {
		t.Errorf("the second use changed it again: %d events", n)
	}
}

func TestAddressThatIsAlreadyTheirsIsProved(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	b.post("/view-your-profile/email", "email", oldEmail)
	b.post("/view-your-profile/email/code", "code", w.code(oldEmail))
	if i := w.identity(); i.Email != oldEmail || !i.EmailVerified.Done() {
		t.Errorf("identity %+v", i)
	}
}

func TestAddressesThatCannotBe(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	for _, bad := range []string{"", " ", "ada", "ada@", "@x.example", "ada@@x.example", "ada\x00@x.example",
		"ada\r\nBcc: x@y.example", strings.Repeat("a", 300) + "@x.example", "\xff@x.example",
		"hélène@x.example"} {
		p := b.post("/view-your-profile/email", "email", bad)
		if p.status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d %q", bad, p.status, p.location)
			continue
		}
		p.has(t, "There is a problem", "mail address")
		if !strings.Contains(p.markup, "<title>Error: ") || !strings.Contains(p.markup, `href="#email"`) {
			t.Errorf("%q: the error is not in the title and the summary", bad)
		}
	}
	if jobtest.Settle(t, w.Jobs); len(w.Mails.All()) != 0 {
		t.Error("a mail was sent")
	}
}

func TestCodesThatAreNotTaken(t *testing.T) {
	for name, tt := range map[string]struct {
		spoil  func(w *world, b *browser)
		status int // of the right code afterwards
	}{
		"the right one":               {func(*world, *browser) {}, http.StatusSeeOther},
		"after 4 wrong ones":          {func(_ *world, b *browser) { enterWrongCodes(b, 4) }, http.StatusSeeOther},
		"after 5 wrong ones":          {func(_ *world, b *browser) { enterWrongCodes(b, 5) }, http.StatusUnprocessableEntity},
		"after 15 minutes":            {func(w *world, b *browser) { w.Clock.Advance(14 * time.Minute); b.in(); w.Clock.Advance(time.Minute) }, http.StatusUnprocessableEntity},
		"after another was asked for": {func(_ *world, b *browser) { b.post("/view-your-profile/email", "email", "third@example.nhs.uk") }, http.StatusUnprocessableEntity},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t)
			b := w.signedIn()
			b.post("/view-your-profile/email", "email", newEmail)
			code := w.code(newEmail)
			tt.spoil(w, b)
			p := b.post("/view-your-profile/email/code", "code", code)
			if p.status != tt.status {
				t.Errorf("%d, want %d: %s", p.status, tt.status, p.text)
			}
			if changed := w.identity().Email != oldEmail; changed != (tt.status == http.StatusSeeOther) {
				t.Errorf("address now %s", w.identity().Email)
			}
		})
	}
}

func enterWrongCodes(b *browser, times int) {
	b.w.Helper()
	for i := range times {
		p := b.post("/view-your-profile/email/code", "code", fmt.Sprintf("BBBB222%d", i))
		if p.status != http.StatusUnprocessableEntity {
			b.w.Fatalf("wrong code: %d %s", p.status, p.text)
		}
	}
}

func TestCodePageWithoutACode(t *testing.T) {
	w := open(t)
	if p := w.signedIn().get("/view-your-profile/email/code"); p.status != http.StatusSeeOther ||
		p.location != "/view-your-profile" {
		t.Errorf("%d %q", p.status, p.location)
	}
}

// A code that one person asked for does not work for another.
func TestCodeOfAnotherPerson(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	b.post("/view-your-profile/email", "email", newEmail)
	code := w.code(newEmail)
	ben := w.another("Ben")
	w.issuer.Person.Subject = ben
	other := w.signedIn()
	other.post("/view-your-profile/email", "email", "ben@example.nhs.uk")
	if p := other.post("/view-your-profile/email/code", "code", code); p.status != http.StatusUnprocessableEntity {
		t.Errorf("%d %s", p.status, p.text)
	}
	if p := b.post("/view-your-profile/email/code", "code", code); p.status != http.StatusSeeOther {
		t.Errorf("whose code it is: %d %s", p.status, p.text)
	}
}

// Nobody can be sent mail without a limit.
func TestCodesAreNotMailedWithoutEnd(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	ask := func() page { return b.post("/view-your-profile/email", "email", newEmail) }
	for i := range 5 {
		if p := ask(); p.status != http.StatusSeeOther {
			t.Fatalf("ask %d: %d %s", i+1, p.status, p.text)
		}
		w.Clock.Advance(50 * time.Second) // all within one proof
	}
	p := ask()
	if p.status != http.StatusUnprocessableEntity {
		t.Errorf("ask 6: %d %s", p.status, p.text)
	}
	p.has(t, "You asked for too many codes", "wait 15 minutes")
	newest := w.code(newEmail)
	if b.post("/view-your-profile/email/code", "code", newest).status != http.StatusSeeOther {
		t.Error("the newest code does not work any more")
	}
	ask = func() page { return b.post("/view-your-profile/email", "email", "third@example.nhs.uk") }
	if p := ask(); p.status != http.StatusUnprocessableEntity {
		t.Errorf("after a success: %d %s", p.status, p.text)
	}
	w.Clock.Advance(14*time.Minute + 30*time.Second)
	b = w.signedIn()
	if p := ask(); p.status != http.StatusSeeOther {
		t.Errorf("once the last has ended: %d %s", p.status, p.text)
	}
}

// The page of a code says what is wrong with it, and sends another one, as often as is allowed.
func TestAnotherCode(t *testing.T) {
	const path = "/view-your-profile/email/code"
	w := open(t)
	b := w.signedIn()
	b.post("/view-your-profile/email", "email", newEmail)
	older := w.code(newEmail)
	w.Clock.Advance(14 * time.Minute)
	b.get(path) // the session goes on
	w.Clock.Advance(2 * time.Minute)
	b.post(path, "code", older).has(t, "This code has expired", "Send another code")
	if p := b.post(path, "another", "yes", "code", ""); p.location != path {
		t.Fatalf("another code: %d to %q: %s", p.status, p.location, p.text)
	}
	b.get(path).has(t, "We sent another code")
	for i := range 5 {
		b.post(path, "code", fmt.Sprintf("WRNG234%d", i))
	}
	b.post(path, "code", w.code(newEmail)).has(t, "entered too many times")
	for range 3 {
		b.post(path, "another", "yes", "code", "")
	}
	newest := w.code(newEmail)
	b.post(path, "another", "yes", "code", "")
	b.post(path, "another", "yes", "code", "").has(t, "You asked for too many codes", "Use the newest code")
	if p := b.post(path, "code", newest); p.status == http.StatusSeeOther && w.identity().Email == oldEmail {
		t.Errorf("the newest code: %d %s", p.status, p.text)
	}
}

// Saving the address that is there and confirmed sends nothing, and says so.
func TestAnUnchangedAddress(t *testing.T) {
	w := open(t)
	b := w.signedIn()
	b.post("/view-your-profile/email", "email", newEmail)
	b.post("/view-your-profile/email/code", "code", w.code(newEmail))
	jobtest.Settle(t, w.Jobs)
	before := len(w.Mails.All())
	if p := b.post("/view-your-profile/email", "email", " "+newEmail+" "); p.location != "/view-your-profile" {
		t.Errorf("%d to %q", p.status, p.location)
	}
	b.get("/view-your-profile").has(t, "Nothing changed")
	if jobtest.Settle(t, w.Jobs); len(w.Mails.All()) != before {
		t.Error("a mail was sent")
	}
}

// Whoever is logged in adds another authenticator, of no higher level than that of the login, for themselves alone.
func TestAddingAnotherAuthenticatorToOneself(t *testing.T) {
	w := open(t)
	w.issuer.Person.AuthenticationLevel = "2"
	b := w.signedIn()
	const at = "/view-your-profile/authenticators/add"
	b.get("/view-your-profile").has(t, "You have only one that works.", "Add an authenticator", "If you have lost one")
	b.get(at).has(t, "Authenticator app AAL2", "You logged in at AAL2")
	b.get(at).lacks(t, "Security Key")
	b.post(at, "kind", "authenticator_app").has(t, "Tick the box if it is for you alone")
	b.post(at, "kind", "security_key", "declaration", "yes")
	if n := len(w.links(w.ada)); n != 0 {
		t.Fatalf("AAL2 makes %d links for AAL3", n)
	}
	if p := b.post(at, "kind", "authenticator_app", "declaration", "yes"); p.location != at {
		t.Fatalf("%d %q %s", p.status, p.location, p.text)
	}
	b.get(at).has(t, "Go on at Care Identity login")
	links := w.links(w.ada)
	if len(links) != 1 || links[0].Witness != authenticator.BySelf || links[0].By != w.ada ||
		links[0].Ends.Sub(links[0].Made) != 30*time.Minute {
		t.Errorf("links %+v", links)
	}
	w.issuer.Person.AuthenticationLevel = "3"
	b = w.signedIn()
	b.get(at).has(t, "Security Key AAL3")
	w.Clock.Advance(6 * time.Minute)
	if p := b.post(at, "kind", "security_key", "declaration", "yes"); !strings.Contains(p.location, "prompt=login") {
		t.Errorf("with an old proof: %d %q", p.status, p.location)
	}
	if n := len(w.links(w.ada)); n != 1 {
		t.Errorf("with an old proof: %d links", n)
	}
}

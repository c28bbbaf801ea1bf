package site_test

import (
	"context"
	"errors"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
	"signpost/internal/platform/worldtest"
)

const newcomer = "nia.newcomer@example.nhs.uk"

// asked fills in the request of Nia, with some fields in other words.
func asked(other ...string) []string {
	pairs := []string{
		"first_name", "Nia", "last_name", "Newcomer", "email", newcomer, "phone", "0113 496 0000",
		"region", "not-known", "organisation", "fxx01", "profession", "pharmacist", "reason", "I keep our opening hours right.",
	}
	for i := 0; i < len(other); i += 2 {
		for j := 0; j < len(pairs); j += 2 {
			if pairs[j] == other[i] {
				pairs[j+1] = other[i+1]
			}
		}
	}
	return pairs
}

// nia makes the next person who logs in at CIS2 the one who asks.
func (w *world) nia() {
	w.issuer.Person.Subject = "500000000031"
	w.issuer.Person.Name = "Nia Newcomer"
	w.issuer.Person.GivenName = "Nia"
	w.issuer.Person.FamilyName = "Newcomer"
	w.issuer.Person.Email = newcomer
}

// confirmed gives a browser on which a request was sent and its address confirmed.
func (w *world) confirmed(other ...string) *browser {
	w.Helper()
	b := w.browser()
	b.confirm(asked(other...)...)
	return b
}

// confirm sends a request and confirms its address.
func (b *browser) confirm(typed ...string) {
	b.w.Helper()
	address := typed[slices.Index(typed, "email")+1]
	if got := b.post("/request-account", typed...); got.location != "/request-account/code" {
		b.w.Fatalf("the form leads to %d %q %s", got.status, got.location, got.body)
	}
	if got := b.post("/request-account/code", "code", b.w.code(address)); got.location != "/my-request" {
		b.w.Fatalf("the code leads to %d %q %s", got.status, got.location, got.body)
	}
}

// prove logs in at CIS2 for the request on a browser.
func (b *browser) prove() page {
	b.w.Helper()
	to := b.post("/my-request/identity")
	if !strings.HasPrefix(to.location, b.w.issuer.Name) || !strings.Contains(to.location, "prompt=login") {
		b.w.Fatalf("to CIS2: %d %q %s", to.status, to.location, to.body)
	}
	return b.get("/signin/callback?" + b.w.issuer.SignIn(b.w, to.location).Encode())
}

// asksTooOften asks for one code more than may be asked for.
func (w *world) asksTooOften() (last page) {
	w.Helper()
	for range 6 {
		last = w.browser().post("/request-account", asked("email", "often@example.nhs.uk")...)
	}
	return last
}

// question has an administrator ask something about every open request.
func (w *world) question() {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE request SET state = 'asked', question = 'Where?', question_at = $1
			WHERE state = 'open'`, u.Now())
		return errors.Join(err, u.Record(ctx, audit.Event{Kind: "test", Subject: audit.Ref{Kind: "test", ID: "test"}}))
	})
}

// ownLink gives the path of the link that was mailed to whoever asks.
func (w *world) ownLink() string {
	w.Helper()
	w.Settle()
	for _, m := range w.Mails.To(newcomer) {
		if found := regexp.MustCompile(home + `(/my-request/\S+)`).FindStringSubmatch(m.Text); found != nil {
			return found[1]
		}
	}
	w.Fatal("no link was mailed")
	return ""
}

// From the form to the request that an administrator can decide, in one sitting.
func TestARequestHoldsTheCareIdentityOfWhoeverAsks(t *testing.T) {
	w := newWorld(t)
	b := w.confirmed()
	b.get("/my-request").mustHave(t, "Log in with your Care Identity", "your request was sent",
		"Nia Newcomer", "FXX01", "Pharmacist")
	w.nia()
	if got := b.prove(); got.location != "/my-request" {
		t.Fatalf("back from CIS2: %d %q %s", got.status, got.location, got.body)
	}
	b.get("/my-request").mustHave(t, "Your request was sent", "number ending 031", "We write to "+newcomer)
	n := w.count(`SELECT COUNT(*) FROM request WHERE state = 'open' AND subject = '500000000031'
		AND claims LIKE '%"roles"%' AND claims LIKE '%"identity_level":3%'
		AND claims LIKE '%"authentication_level":3%'`)
	if n != 1 {
		t.Error("the request does not hold what CIS2 said")
	}
	if n := w.count(`SELECT COUNT(*) FROM account WHERE email = $1`, newcomer); n != 0 {
		t.Error("there is an account before anybody approved it")
	}
}

// Whoever asks with the address of an account sees what all others see, until they have typed the code that went
// there; its owner is told by mail (R13).
func TestNobodyLearnsWhetherAnAddressHasAnAccount(t *testing.T) {
	w := newWorld(t)
	free := w.browser()
	taken := w.browser()
	first := free.post("/request-account", asked()...)
	second := taken.post("/request-account", asked("email", "ada@example.nhs.uk")...)
	if first.status != second.status || first.location != second.location {
		t.Errorf("%d %q for an address without an account, %d %q for one with", first.status, first.location,
			second.status, second.location)
	}
	same := regexp.MustCompile(`name="seal" value="[^"]*"|` + newcomer + `|ada@example.nhs.uk`)
	one := same.ReplaceAllString(free.get(first.location).body, "")
	other := same.ReplaceAllString(taken.get(second.location).body, "")
	if one != other {
		t.Errorf("the pages differ: %s\n%s", one, other)
	}
	if got := taken.get("/my-request"); got.status != http.StatusGone {
		t.Errorf("the request before the code: %d", got.status)
	}
	w.Settle()
	mails := w.Mails.To("ada@example.nhs.uk")
	if len(mails) != 1 || !strings.Contains(mails[0].Text, "There is an account with this address already") {
		t.Errorf("the owner is not told: %v", mails)
	}
	taken.post("/request-account/code", "code", w.code("ada@example.nhs.uk"))
	taken.get("/my-request").mustHave(t, "You have an account already", "The account ada has the email address")
}

// The notice's sentence stands ready for whoever shares a username, with that username.
func TestTheSharedReasonStandsReady(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "riverside", Email: "team@example.nhs.uk", Kind: account.Shared}, path.Choose)
	team := w.browser()
	team.withPassword("riverside", goodPass)
	words := strings.Join(strings.Fields(team.get("/request-account").body), " ")
	if !strings.Contains(words, ">I currently use a shared username (riverside) and require an individual username "+
		"for MFA readiness.</textarea>") {
		t.Errorf("the reason is not filled in: %s", words)
	}
	ada := w.browser()
	ada.withPassword("ada", goodPass)
	ada.get("/request-account").mustHave(t, "You do not need another one")
}

// Each mistake in the form is told at its field, and what was typed stays.
func TestMistakesInARequest(t *testing.T) {
	w := newWorld(t)
	for _, tt := range []struct{ field, typed, told string }{
		{"first_name", "", "Enter your first name"},
		{"email", "nobody", "Enter an email address"},
		{"email", "reception@example.nhs.uk", "This one looks like a team’s"},
		{"organisation", "X", "Enter an ODS code"},
		{"profession", "wizard", "Choose what you work as"},
		{"reason", "because", "in 15 characters or more"},
		{"reason", "a            b", "in 15 characters or more"},
		{"phone", "call me", "Enter a telephone number"},
	} {
		got := w.browser().post("/request-account", asked(tt.field, tt.typed)...)
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.body, tt.told) {
			t.Errorf("%s %q: %d, without %q: %s", tt.field, tt.typed, got.status, tt.told, got.body)
		}
	}
	if n := w.count(`SELECT COUNT(*) FROM request`); n != 0 {
		t.Errorf("%d requests were kept", n)
	}
}

// L20: a code works once, in the browser that asked, until it is over or a newer one was sent.
func TestCodesOfRequestsThatDoNotWork(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.post("/request-account", asked()...)
	old := w.code(newcomer)
	var y worldtest.Tally
	try := func(name string, b *browser, code string) {
		t.Helper()
		got := b.post("/request-account/code", "code", code)
		y.Refused(t, name, got.location == "/my-request")
	}
	b.post("/request-account/code", "another", "yes")
	newer := w.code(newcomer)
	try("an older code", b, old)
	try("another browser", w.browser(), newer)
	stranger := w.browser()
	stranger.post("/request-account", asked("email", "mallory@example.nhs.uk")...)
	try("somebody else's request", stranger, newer)
	late := w.browser()
	late.post("/request-account", asked("email", "late@example.nhs.uk")...)
	code := w.code("late@example.nhs.uk")
	w.clock.Advance(16 * time.Minute)
	try("after 16 minutes", late, code)
	b.post("/request-account/code", "another", "yes")
	if got := b.post("/request-account/code", "code", w.code(newcomer)); got.location != "/my-request" {
		t.Fatalf("the honest twin: %d %s", got.status, got.body)
	}
	if n := w.count(`SELECT COUNT(*) FROM request WHERE state = 'open'`); n != 1 {
		t.Errorf("%d open requests", n)
	}
	y.Report(t, "L20 codes of requests")
}

// L21 and L22: what follows the link of a mail, or whoever it was passed on to, sees and changes nothing; the asker
// then still comes in.
func TestTheLinkOfARequestAlone(t *testing.T) {
	w := newWorld(t)
	w.confirmed()
	link := w.ownLink()
	for i, method := range []string{http.MethodHead, http.MethodGet, http.MethodGet, http.MethodGet, "GET"} {
		scanner := w.browser()
		scanner.Address = "203.0.113." + string(rune('1'+i)) + ":4000"
		if got := scanner.do(method, link, nil); got.status != http.StatusOK ||
			strings.Contains(got.body, "Newcomer") || strings.Contains(got.body, newcomer) {
			t.Errorf("%s: %d, and shows the request: %s", method, got.status, got.body)
		}
	}
	w.link()
	colleague := w.browser()
	colleague.careIdentity() // logged in as themselves
	var y worldtest.Tally
	colleague.get(link)
	colleague.post(link)
	y.Refused(t, "a colleague without the code", colleague.get("/my-request").status == http.StatusOK)
	y.Refused(t, "a colleague's Care Identity", strings.HasPrefix(colleague.post("/my-request/identity").location,
		w.issuer.Name))
	y.Refused(t, "another secret", w.browser().post(link+"x").location == "/request-account/code")
	asker := w.browser()
	asker.post(link)
	if got := asker.post("/request-account/code", "code", w.code(newcomer)); got.location != "/my-request" {
		t.Fatalf("the asker: %d %s", got.status, got.body)
	}
	asker.get("/my-request").mustHave(t, "Nia Newcomer")
	y.Report(t, "L21, L22 links of requests")
}

// L23: links lead to the address that is configured, whatever the browser called it.
func TestLinksOfRequestsLeadToTheConfiguredAddress(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	sent := webtest.Request(http.MethodPost, home+"/request-account", webtest.Form(asked()...))
	sent.Header.Set("X-Forwarded-Host", "evil.example")
	sent.Host = "evil.example"
	b.Do(sent)
	w.confirmed()
	w.Settle()
	for _, m := range w.Mails.All() {
		if strings.Contains(m.Text, "evil") {
			t.Errorf("a mail leads to another address: %s", m.Text)
		}
	}
	w.ownLink()
}

// Whoever has no Care Identity sends the request, sees how to get one, and puts it on the request later.
func TestARequestWithoutACareIdentity(t *testing.T) {
	w := newWorld(t)
	b := w.confirmed()
	if got := b.post("/my-request/without", "identity", "none"); got.location != "/my-request" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	b.get("/my-request").mustHave(t, "Your request was sent", "How to get a Care Identity that works",
		`href="https://cim.example/apply"`, "R8008")
	link := w.ownLink()
	w.clock.Advance(5 * 24 * time.Hour)
	later := w.browser()
	later.post(link)
	later.post("/request-account/code", "code", w.code(newcomer))
	w.nia()
	if got := later.prove(); got.location != "/my-request" {
		t.Fatalf("back from CIS2: %d %s", got.status, got.body)
	}
	later.get("/my-request").mustHave(t, "number ending 031")
}

// A Care Identity that opens an account, or is on another request, or is not checked enough, is not put on a request.
func TestCareIdentitiesThatAreNotPutOnARequest(t *testing.T) {
	w := newWorld(t)
	w.link()
	var y worldtest.Tally
	b := w.confirmed()
	got := b.prove() // as Ada
	y.Refused(t, "one that opens an account", got.location == "/my-request")
	if !strings.Contains(got.body, "opens the account ada already") {
		t.Errorf("%d %s", got.status, got.body)
	}
	w.nia()
	w.issuer.Person.IdentityLevel = "2"
	y.Refused(t, "one of identity level 2", b.prove().location == "/my-request")
	w.issuer.Person.IdentityLevel = "3"
	if got := b.prove(); got.location != "/my-request" {
		t.Fatalf("the honest twin: %d %s", got.status, got.body)
	}
	other := w.browser()
	other.post("/request-account", asked("email", "nia@elsewhere.example")...)
	other.post("/request-account/code", "code", w.code("nia@elsewhere.example"))
	w.nia()
	y.Refused(t, "one that is on another request", other.prove().location == "/my-request")
	y.Report(t, "care identities on requests")
}

// A second request from the same address leads to the first; a withdrawn one makes room.
func TestOneRequestOfAnAddress(t *testing.T) {
	w := newWorld(t)
	w.confirmed()
	again := w.confirmed("reason", "Another reason of some length.")
	again.get("/my-request").mustHave(t, "I keep our opening hours right.")
	if n := w.count(`SELECT COUNT(*) FROM request WHERE state = 'open'`); n != 1 {
		t.Errorf("%d open requests", n)
	}
	again.post("/my-request/withdraw")
	again.get("/my-request").mustHave(t, "Your request was withdrawn")
	if got := again.post("/my-request/withdraw"); got.status != http.StatusConflict {
		t.Errorf("withdrawn twice: %d", got.status)
	}
	w.confirmed("reason", "Another reason of some length.").get("/my-request").
		mustHave(t, "Another reason of some length.")
}

package site_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

// A form that somebody fills in is not lost when their session ends, and nobody else sees it.
func TestWhatWasTypedOutlivesTheSession(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "bo", FirstName: "Bo", LastName: "Example", Email: "bo@example.nhs.uk"},
		path.Choose)
	b := w.browser()
	b.withPassword("ada", goodPass)
	if !b.signedIn() {
		t.Fatal("Ada is not signed in")
	}
	sealed := webtest.SealOf(b.get("/account").body, "/account/email")
	w.clock.Advance(16 * time.Minute)
	late := b.post("/account/email", "email", "ada.new@example.nhs.uk", "seal", sealed)
	if late.status != http.StatusSeeOther || late.location != "/" {
		t.Fatalf("sent after the session: %d %s", late.status, late.location)
	}
	if front := b.get(late.location).body; !strings.Contains(front, "What you typed is kept for an hour") {
		t.Errorf("the start page does not say so: %s", front)
	}
	if again := b.get("/").body; strings.Contains(again, "What you typed") {
		t.Errorf("it says so again: %s", again)
	}
	if got := b.withPassword("bo", goodPass); got.location != "/" {
		t.Errorf("Bo goes to %s", got.location)
	}
	if got := b.get("/held"); got.location != "/" || strings.Contains(got.body, "ada.new") {
		t.Errorf("Bo sees what Ada typed: %d %s", got.status, got.body)
	}
}

func TestAHeldFormIsSentOnceMore(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	b.withPassword("ada", goodPass)
	sealed := webtest.SealOf(b.get("/account").body, "/account/email")
	w.clock.Advance(16 * time.Minute)
	b.post("/account/email", "email", "ada.new@example.nhs.uk", "seal", sealed)
	if got := b.withPassword("ada", goodPass); got.location != "/held" {
		t.Fatalf("signed in again and went to %s", got.location)
	}
	held := b.get("/held").body
	for _, want := range []string{"You were logged out while you were working", "Nothing was changed",
		`action="/account/email"`, `<dt class="nhsuk-summary-list__key">Email Id</dt>`,
		`name="email" value="ada.new@example.nhs.uk"`, ">Save</button>", "Discard it"} {
		if !strings.Contains(held, want) {
			t.Errorf("the page lacks %q: %s", want, held)
		}
	}
	if got := b.post("/account/email", "email", "ada.new@example.nhs.uk"); got.status != http.StatusSeeOther {
		t.Errorf("sent once more: %d %s", got.status, got.body)
	}
	if w.code("ada.new@example.nhs.uk") == "" {
		t.Error("no code came of it")
	}
	if got := b.post("/held/drop", "held", "0"); got.location != "/" {
		t.Errorf("throwing away goes to %s", got.location)
	}
	if got := b.get("/held"); got.location != "/" {
		t.Errorf("thrown away and still there: %d", got.status)
	}
}

// What was typed in two tabs before the session ended waits, each with its record and the words of its button.
func TestWhatWasTypedInTwoTabsWaits(t *testing.T) {
	w := newWorld(t)
	boss := w.administrator()
	bo := w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	mailTo := webtest.SealOf(boss.get("/mailings/new?q=bo").body, "/mailings/new")
	at := "/users/" + bo.ID
	asked := webtest.SealOf(boss.get(at).body, at+"/deactivate")
	w.clock.Advance(16 * time.Minute)
	boss.post("/mailings/new", "q", "bo", "kind", "", "state", "", "region", "", "organisation", "", "wave", "",
		"progress", "", "offered", "yes", "only", bo.ID, "asked-only", "", "text", "prove",
		"asked-text", "", "sort", "", "subject", "", "words", "", "asked-teams", "", "seal", mailTo)
	w.clock.Advance(time.Second)
	boss.post(at+"/deactivate", "deactivation", "They have left.", "seal", asked)
	if got := boss.withPassword("boss", goodPass); got.location != "/held" {
		t.Errorf("logged in again and went to %s", got.location)
	}
	boss.get("/held").mustHave(t, "2 forms that you sent are kept", ">Continue</button>",
		">Deactivate the account</button>", "A request to confirm their email address", "They have left.", "Bo (bo)")
	left := boss.post("/held/drop", "held", "1")
	if left.location != "/held" {
		t.Errorf("one of two is discarded, and it goes to %s", left.location)
	}
	mustLack(t, boss.get("/held"), "They have left.")
}

// Of a form that came while somebody else was logged in it is not said that nobody was.
func TestWhatWasTypedWhileAnotherWasLoggedIn(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	b := w.browser()
	b.withPassword("ada", goodPass)
	adas := webtest.SealOf(b.get("/account").body, "/account/phone")
	b.withPassword("bo", goodPass)
	b.post("/account/phone", "phone", "0113 496 0000", "seal", adas)
	b.withPassword("ada", goodPass)
	held := b.get("/held")
	held.mustHave(t, "Somebody else was logged in on this browser", ">Save telephone</button>")
	mustLack(t, held, "You were no longer logged in")
}

func TestHowLongASessionHolds(t *testing.T) {
	w := newWorld(t)
	b := w.browser()
	if got := b.get("/session").body; got != `{"seconds":0,"final":false}` {
		t.Errorf("nobody signed in: %s", got)
	}
	b.withPassword("ada", goodPass)
	if page := b.get("/account").body; !strings.Contains(page, `data-left="/session" data-stay="/session/stay"`) {
		t.Error("the page cannot warn")
	}
	w.clock.Advance(13 * time.Minute)
	if got := b.get("/session").body; got != `{"seconds":120,"final":false}` {
		t.Errorf("after 13 minutes: %s", got)
	}
	w.clock.Advance(time.Minute)
	if got := b.get("/session").body; got != `{"seconds":60,"final":false}` {
		t.Errorf("asking prolonged it: %s", got)
	}
	if got := b.post("/session/stay"); got.status != http.StatusNoContent {
		t.Errorf("staying: %d", got.status)
	}
	if got := b.get("/session").body; got != `{"seconds":900,"final":false}` {
		t.Errorf("after staying: %s", got)
	}
	for range 50 {
		w.clock.Advance(14 * time.Minute)
		b.post("/session/stay")
	}
	if got := b.get("/session").body; !strings.HasSuffix(got, `"final":true}`) || got == `{"seconds":0,"final":true}` {
		t.Errorf("close to 12 hours: %s", got)
	}
	w.clock.Advance(10 * time.Minute)
	if got := b.get("/session").body; got != `{"seconds":0,"final":false}` || b.signedIn() {
		t.Errorf("after 12 hours: %s", got)
	}
}

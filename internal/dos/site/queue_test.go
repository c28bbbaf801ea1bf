package site_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/ticket"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

// The desk's list says how many tickets are overdue whatever is listed, has no due time for those that wait for their
// person, and says once what a ticket is about. Each desk counts its own people.
func TestTheListSaysWhatIsOverdue(t *testing.T) {
	w := newWorld(t)
	desk := w.loggedIn("desk", account.Desk.In(account.Everywhere))
	w.browser().post("/help/ticket", raising("subject", "MFA-DoS - I cannot log in")...)
	list := desk.get("/tickets")
	list.mustHave(t, "No ticket is overdue.")
	if n := strings.Count(list.body, "I cannot log in"); n != 2 { // the other is in the filter
		t.Errorf("what it is about stands there %d times", n-1)
	}
	w.clock.Advance(6 * 24 * time.Hour)
	desk = w.browser()
	desk.withPassword("desk", goodPass)
	desk.get("/tickets?category=other").mustHave(t, "Overdue tickets: 1", "/tickets?which=overdue", "No tickets found")
	desk.get("/tickets?which=overdue").mustHave(t, "(overdue)")
	w.account(account.New{Username: "south", FirstName: "Sue", Email: "sue@example.nhs.uk",
		Grants: account.Desk.In(account.InRegion("south"))}, path.Choose)
	south := w.browser()
	south.withPassword("south", goodPass)
	south.get("/tickets").mustHave(t, "No ticket is overdue.")
	w.sql(`UPDATE ticket SET state = 'waiting', due_at = NULL`)
	desk.get("/tickets?which=waiting").mustHave(t, "No due time while we wait for the person")
}

// Whoever answers or changes a ticket in which something happened since they opened it reads that first. What they have
// typed stays; what they would have set back does not.
func TestWhoeverHasNotSeenATicketLooksAgain(t *testing.T) {
	w := newWorld(t)
	one := w.ticketOf(w.ada)
	at := "/tickets/" + one.ID
	first := w.loggedIn("first", account.Desk.In(account.Everywhere))
	second := w.loggedIn("second", account.Desk.In(account.Everywhere))
	filled := func(b *browser, button string, typed map[string]string) url.Values {
		all, _ := webtest.Filled(t, b.Browser, w.route("POST /tickets/{id}/work"), at+"/work", typed)
		for _, one := range []string{"add-reply", "send-answer", "save-note", "save-set", "into"} {
			all.Del(one)
		}
		all.Set(button, "yes")
		all.Set("note", "")
		all.Set("reply", "")
		all.Set("assigned", "")
		return all
	}
	answer := filled(first, "send-answer", map[string]string{"text": "From the first.", "then": "waiting"})
	stale := filled(second, "send-answer", map[string]string{"text": "From the second.", "then": "waiting"})
	old := filled(second, "save-set", map[string]string{"priority": "1"})
	if got := first.do(http.MethodPost, at+"/work", answer); got.location != at {
		t.Fatalf("the first is not sent: %d %s", got.status, got.body)
	}
	got := second.do(http.MethodPost, at+"/work", stale)
	got.mustHave(t, "Something was written or changed in this ticket", "From the second.", "From the first.")
	if n := w.count(`SELECT COUNT(*) FROM ticket_message WHERE kind = 'answer'`); n != 1 {
		t.Fatalf("%d answers", n)
	}
	got = second.do(http.MethodPost, at+"/work", old)
	got.mustHave(t, "was changed after you opened it", `<option value="waiting" selected>`,
		`<option value="3" selected>`)
	if is := w.ticketIs(one.ID); is.State != ticket.Waiting || is.Priority != ticket.Normal {
		t.Errorf("set back: %+v", is)
	}
	again := filled(second, "send-answer", map[string]string{"text": "From the second.", "then": "waiting"})
	if got := second.do(http.MethodPost, at+"/work", again); got.location != at {
		t.Errorf("after another look: %d %s", got.status, got.body)
	}
}

// The desk of a region reads of other tickets of the same address those alone that are about its own people.
func TestTicketsOfTheSameAddressAreTheDesksOwn(t *testing.T) {
	w := newWorld(t)
	own := w.account(account.New{Username: "own", Email: "own@example.nhs.uk", Region: "north"}, path.Require)
	w.account(account.New{Username: "foreign", Email: "foreign@example.nhs.uk", Region: "south"}, path.Require)
	raise := func(username, subject string) {
		stranger := w.browser()
		shown := webtest.Quoted(stranger.get(stranger.withPassword(username, goodPass).location).body)
		stranger.post("/help/ticket", raising("reference", shown, "email", "own@example.nhs.uk", "subject", subject)...)
	}
	raise("own", "About the north")
	raise("own", "Again about the north")
	raise("foreign", "About the south")
	w.account(account.New{Username: "north", FirstName: "Nell", Email: "nell@example.nhs.uk",
		Grants: account.Desk.In(account.InRegion("north"))}, path.Choose)
	desk := w.browser()
	desk.withPassword("north", goodPass)
	id := regexp.MustCompile(`/tickets/([0-9a-f-]{36})`).FindStringSubmatch(desk.get("/tickets").body)[1]
	mine := w.ticketIs(id)
	if mine.AccountID != own.ID {
		t.Fatalf("the desk of the north reads of %s", mine.AccountID)
	}
	page := desk.get("/tickets/" + mine.ID)
	page.mustHave(t, "Other tickets of this person", "about the north")
	if strings.Contains(page.body, "About the south") {
		t.Error("the desk of the north reads of a ticket of the south")
	}
	everywhere := w.loggedIn("everywhere", account.Desk.In(account.Everywhere))
	everywhere.get("/tickets/"+mine.ID).mustHave(t, "About the south")
}

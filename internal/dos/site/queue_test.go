package site_test

import (
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
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

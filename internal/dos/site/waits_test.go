package site_test

import (
	"strings"
	"testing"

	"signpost/internal/platform/web/webtest"
)

// Whoever asked for an account of their own, logged in with a shared one, sees on the checklist that it waits for an
// administrator. A colleague on the same account does not.
func TestTheChecklistKnowsThatARequestWaits(t *testing.T) {
	w := newWorld(t)
	w.reception()
	b := w.browser()
	b.withPassword("reception", goodPass)
	const waits = "DoS user administrator"
	before := webtest.Text(b.get("/checklist").body)
	if !strings.Contains(before, "Request") {
		t.Fatalf("the checklist of a shared account asks for nothing: %s", before)
	}
	b.post("/request-account", asked("email", "nia.new@nhs.example")...)
	b.post("/request-account/code", "code", w.code("nia.new@nhs.example"))
	after := webtest.Text(b.get("/checklist").body)
	if before == after || !strings.Contains(after, waits) {
		t.Errorf("after the request the checklist says: %s", after)
	}
	colleague := w.browser()
	colleague.Address = "198.51.100.77:1234"
	colleague.withPassword("reception", goodPass)
	if got := webtest.Text(colleague.get("/checklist").body); got != before {
		t.Errorf("a colleague reads: %s", got)
	}
}

// Whoever said who they are who use a shared account is not told to request an account besides; a colleague is.
func TestWhoeverSaidWhoTheyAreWaits(t *testing.T) {
	w := newWorld(t)
	w.reception()
	b := w.browser()
	b.withPassword("reception", goodPass)
	b.post("/who-are-you", whoSays("Benedicta")...)
	page := b.get("/checklist")
	page.mustHave(t, "Who else is working on it", "You said who you are on ")
	mustLack(t, page, "Request your own DoS account")
	b.post("/sign-out")
	b.withPassword("reception", goodPass)
	b.post("/who-are-you/skip")
	b.get("/checklist").mustHave(t, "Request your own DoS account")
}

package site_test

import (
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/rollout/followup"
	"signpost/internal/national/path"
)

func (w *world) followup() followup.Office {
	return followup.Office{DB: w.DB, Post: w.Post, Desk: w.tickets(), Home: home}
}

// stillWorksLink is the path of the link by which somebody who was asked answers.
func (w *world) stillWorksLink(username string) string {
	w.Helper()
	id := w.byUsername(username).ID
	w.sql(`INSERT INTO followup (account_id, asked_at) VALUES ('` + id + `', 1) ON CONFLICT DO NOTHING`)
	return strings.TrimPrefix(w.followup().Link(id), home)
}

// One page asks, one button raises a ticket, and then the page says what happens now. The other link needs nothing.
func TestWhetherItStillWorksIsAnsweredByAPage(t *testing.T) {
	w := newWorld(t)
	w.account(account.New{Username: "bo", FirstName: "Bo", Email: "bo@example.nhs.uk"}, path.Choose)
	at := w.stillWorksLink("bo")
	b := w.browser()
	b.get(at+followup.Works).mustHave(t, "Good, nothing more to do")
	b.get(at).mustHave(t, "No, tell the service desk", "Yes, it works")
	if n := w.Count(`SELECT COUNT(*) FROM ticket`); n != 0 {
		t.Errorf("looking raised %d tickets", n)
	}
	b.post(at)
	b.get(at).mustHave(t, "The service desk has your ticket T", "write to you by email")
	b.post(at)
	if n := w.Count(`SELECT COUNT(*) FROM ticket`); n != 1 {
		t.Errorf("%d tickets", n)
	}
	b.get(at+followup.Works).mustHave(t, "The service desk has your ticket T", "If it works again")
	mustLack(t, b.get(at+followup.Works), "nothing more to do")
	b.get(at+"0").mustHave(t, "This link does not work")
}

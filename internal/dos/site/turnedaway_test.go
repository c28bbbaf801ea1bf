package site_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/webtest"
)

// turnedAway is a linked person who was refused at the door, and somebody at the service desk.
type turnedAway struct {
	*world

	desk  *browser
	quote string // the reference on the page of the refusal
}

func newTurnedAway(t *testing.T, change func(w *world)) turnedAway {
	t.Helper()
	w := newWorld(t)
	person := w.issuer.Person
	w.asker = asker{subject: person.Subject}
	w.makeSite()
	w.issuer.Person = person
	w.account(account.New{Username: "priya", FirstName: "Priya", Email: "priya@example.nhs.uk",
		Grants: account.Desk.In(account.Everywhere)}, path.Choose)
	w.link()
	change(w)
	b := w.browser()
	shown := webtest.Quoted(b.get(b.careIdentity().location).body)
	desk := w.browser()
	desk.Address = "198.51.100.20:1234"
	desk.withPassword("priya", goodPass)
	return turnedAway{w, desk, shown}
}

// The reference of a linked person who was refused leads the desk to their account, with their registration authority
// where it is the one that can help.
func TestAReferenceOfALinkedPersonLeadsToTheirAccount(t *testing.T) {
	for name, tt := range map[string]struct {
		change    func(w *world)
		authority bool
	}{
		"no position":      {func(w *world) { w.issuer.Person.Roles = nil }, true},
		"identity too low": {func(w *world) { w.issuer.Person.IdentityLevel = "2" }, true},
		"not active":       {func(w *world) { w.sql(`UPDATE account SET active = FALSE WHERE username = 'ada'`) }, false},
	} {
		t.Run(name, func(t *testing.T) {
			w := newTurnedAway(t, tt.change)
			got := w.desk.get("/users?q=" + url.QueryEscape(w.quote))
			got.mustHave(t, "Tell the caller", ", username ada", `href="/users/`+w.ada.ID+`"`)
			named := strings.Contains(webtest.Text(got.body),
				"Registration authority Fenmarch Hospitals: ra@fenmarch.example, 01632 960990")
			if named != tt.authority {
				t.Errorf("the registration authority is named: %v, want %v: %s", named, tt.authority,
					webtest.Text(got.body))
			}
		})
	}
}

// After a refusal at the door the account's page does not say that the Care Identity opens it, until it does.
func TestWhoWasRefusedLastIsNotSaidToComeIn(t *testing.T) {
	w := newTurnedAway(t, func(w *world) { w.issuer.Person.Roles = nil })
	answer := func() string {
		text := webtest.Text(w.desk.get("/users/" + w.ada.ID).body)
		_, after, _ := strings.Cut(text, "Log in with the Care Identity ")
		said, _, _ := strings.Cut(after, "Link with the username")
		if strings.Contains(text, "holder can log in with the Care Identity") && strings.HasPrefix(said, "No") {
			t.Errorf("one answer offers what another refuses: %s", text)
		}
		return said
	}
	want := "No. Not when they last tried, on 24 November 2026 at 9am. The Care Identity did not have the position. " +
		"Their registration authority gives the position"
	if said := answer(); !strings.HasPrefix(said, want) {
		t.Errorf("after the refusal it says: %s", said)
	}
	mustLack(t, w.desk.get("/users/"+w.ada.ID), "It cannot be linked either")
	w.clock.Advance(time.Minute)
	w.issuer.Person.Roles = positionsAt("Z99Z9")
	w.browser().careIdentity()
	if said := answer(); !strings.HasPrefix(said, "Yes.") {
		t.Errorf("after they came in it says: %s", said)
	}
}

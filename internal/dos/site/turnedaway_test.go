package site_test

import (
	"fmt"
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

// Whoever typed the right password of an account whose wave has ended passwords reads who looks after the account, and
// the day that they were told if it came earlier. Whoever opens the page without that reads neither.
func TestWhosePasswordEndedReadsWhoCanHelp(t *testing.T) {
	const early = "You may have read that this would be on 1 March 2027. It came earlier: on "
	for name, tt := range map[string]struct {
		kind  account.Kind
		phase path.Phase
	}{
		"require":        {account.Individual, path.Require},
		"closed":         {account.Individual, path.Closed},
		"shared account": {account.Shared, path.Require},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.reachable()
			w.account(account.New{Username: "late", FirstName: "Lia", Email: "late@example.nhs.uk", Kind: tt.kind}, tt.phase)
			shown := func() string {
				b := w.browser()
				return webtest.Text(b.get(b.withPassword("late", goodPass).location).body)
			}
			dated := func(day time.Time) {
				w.sql(fmt.Sprintf(`UPDATE wave SET require_at = %d, close_at = %[1]d`, day.UnixMilli()))
			}
			dated(time.Date(2027, 3, 1, 0, 0, 0, 0, time.UTC))
			for _, want := range []string{"Who to ask Bea Boss: boss@example.nhs.uk, telephone 01632 960 123", early} {
				if text := shown(); !strings.Contains(text, want) {
					t.Errorf("lacks %q: %s", want, text)
				}
			}
			text := shown()
			button := strings.Index(text, "Log in with my Care Identity")
			if first := button < strings.Index(text, "Who to ask"); first == (tt.kind == account.Shared) {
				t.Errorf("the one thing to do stands first: %v: %s", first, text)
			}
			says := strings.Contains(text, "let your password work for 24 hours")
			if says == (tt.kind == account.Shared) {
				t.Errorf("says what an administrator can do: %v: %s", says, text)
			}
			dated(w.clock.Now())
			if text := shown(); strings.Contains(text, "You may have read") {
				t.Errorf("on the day itself: %s", text)
			}
			b := w.browser()
			b.withPassword("late", "wrong password here")
			for _, outcome := range []string{"care-identity-required", "passwords-ended", "shared-accounts-ended"} {
				b.cookies["__Host-once"] = "/sign-in/" + outcome + "~"
				text := webtest.Text(b.get("/sign-in/" + outcome).body)
				if strings.Contains(text, "Bea") || strings.Contains(text, "You may have read") {
					t.Errorf("a stranger reads at %s: %s", outcome, text)
				}
			}
		})
	}
}

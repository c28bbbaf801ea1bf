package request_test

import (
	"fmt"
	"testing"

	"signpost/internal/dos/request"
	"signpost/internal/dos/request/invitation"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// called gives a request in a name, from an address that belongs to no account.
func called(region, first, last, email string) request.Typed {
	return nia(in(region), func(t *request.Typed) {
		t.FirstName = first
		t.LastName = last
		t.Email = email
	})
}

// Nobody decides a request in their own name, by whatever address and Care Identity it comes. Somebody else does.
func TestNobodyDecidesARequestInTheirOwnName(t *testing.T) {
	w := newWorld(t)
	var y worldtest.Tally
	for n, tt := range []struct{ name, first, last, given, family string }{
		{"as it is typed", "Norma", "Example", "", ""},
		{"in another case and order", "EXAMPLE", "norma", "", ""},
		{"with accents", "Nórma", "Éxample", "", ""},
		{"as Care Identity has it", "Nia", "Newcomer", "Norma", "Example"},
	} {
		typed := called(w.north, tt.first, tt.last, fmt.Sprintf("other%d@example.nhs.uk", n))
		cookie, id := w.confirmed(stranger, typed)
		if tt.given != "" {
			w.Must(w.prove(cookie, person(fmt.Sprintf("50000000004%d", n), tt.given, tt.family)))
		}
		for what, err := range map[string]error{
			"approves": w.approve(w.norma, id, searchOnly),
			"rejects":  w.requests.Reject(t.Context(), as(w.norma), id, "because"),
			"looks":    w.requests.Look(t.Context(), as(w.norma), id, true),
		} {
			y.Refused(t, tt.name+": "+what, err == nil)
			if !is(err, fault.Forbidden) {
				t.Errorf("%s: %s: %v", tt.name, what, err)
			}
		}
		if _, err := w.requests.LookAtNext(t.Context(), as(w.norma)); !is(err, fault.Conflict) {
			t.Errorf("%s: it is the next to look at: %v", tt.name, err)
		}
		w.Must(w.approve(w.boss, id, searchOnly)) // the honest twin
	}
	y.Report(t, "requests in one's own name")
}

// L28: two people who approve each other within a day are flagged also where nothing but their names says who asked.
func TestMutualApprovalByNameIsFlagged(t *testing.T) {
	w := newWorld(t)
	_, norma := w.confirmed(stranger, called(w.north, "Norma", "Example", "n2@example.nhs.uk"))
	w.Must(w.approve(w.boss, norma, searchOnly))
	_, other := w.confirmed(stranger, called(w.north, "Nia", "Newcomer", "nia@example.nhs.uk"))
	w.Must(w.approve(w.norma, other, searchOnly))
	_, boss := w.confirmed(stranger, called(w.north, "Boss", "Example", "b2@example.nhs.uk"))
	w.Must(w.approve(w.norma, boss, searchOnly))
	if w.read(norma).Flagged || w.read(other).Flagged || !w.read(boss).Flagged {
		t.Errorf("flagged: %v, %v and %v", w.read(norma).Flagged, w.read(other).Flagged, w.read(boss).Flagged)
	}
}

// Whoever logged in with the wrong Care Identity puts the right one in its place. The former one is dropped, and stays
// to be seen; five are enough.
func TestAnotherCareIdentityTakesThePlaceOfTheFormer(t *testing.T) {
	w := newWorld(t)
	cookie, id := w.confirmed(stranger, nia(in(w.north)))
	leila := person("500000000071", "Leila", "Haddad")
	w.Must(w.prove(cookie, leila))
	w.Must(w.prove(cookie, niaAtCIS2))
	shown := w.shown(id)
	now := w.read(id).Claims.Subject
	if now != niaAtCIS2.Subject || len(shown) != 2 || shown[1].Subject != leila.Subject {
		t.Fatalf("it has %s of %+v", now, shown)
	}
	events := w.Events("request.identity")
	if len(events) != 2 || len(events[0].Before)+len(events[1].Before) == 0 {
		t.Errorf("the events do not say which was there before: %+v", events)
	}
	_, other := w.confirmed(stranger, called(w.north, "Leila", "Haddad", "leila@example.nhs.uk"))
	w.Must(w.approve(w.norma, id, searchOnly))
	if w.links() != 1 || w.enter(niaAtCIS2) == w.enter(leila) {
		t.Errorf("%d links; the former identity comes in", w.links())
	}
	for n := range 5 {
		cookie, _ = w.confirmed(stranger, called(w.north, "Leila", "Haddad", "leila@example.nhs.uk"))
		w.Must(w.prove(cookie, person(fmt.Sprintf("50000000008%d", n), "Leila", "Haddad")))
	}
	if err := w.prove(cookie, leila); !is(err, fault.TooMany) || w.read(other).Claims.Subject == leila.Subject {
		t.Errorf("a sixth: %v", err)
	}
}

func (w *world) shown(id string) (list []request.Claims) {
	w.Helper()
	list, err := db.Read(w.Context(), w.DB, func(r db.R) ([]request.Claims, error) {
		return request.Shown(w.Context(), r, id)
	})
	w.Must(err)
	return list
}

// What an asker says to and fro, and what they send when nobody asks, leaves few events.
func TestAnAskerLeavesFewEvents(t *testing.T) {
	w := newWorld(t)
	cookie, id := w.confirmed(stranger, nia(in(w.north)))
	refused := 0
	for n := range 50 {
		said := []request.Identity{request.NoIdentity, request.Inactive}[n%2]
		if err := w.requests.State(t.Context(), stranger, cookie, said); is(err, fault.TooMany) {
			refused++
		}
		if err := w.requests.Reply(t.Context(), stranger, cookie, "Here I am."); !is(err, fault.Conflict) {
			t.Fatalf("an answer to nothing: %v", err)
		}
	}
	if n := len(w.Events("request.stated")); n != 10 || refused != 20 {
		t.Errorf("%d statements are events, %d were refused", n, refused)
	}
	w.Must(w.approve(w.norma, id, searchOnly))
	for range 5 {
		if err := w.requests.Withdraw(t.Context(), stranger, cookie); !is(err, fault.Conflict) {
			t.Errorf("withdrawn after the decision: %v", err)
		}
	}
	if n := len(w.Events("request.refused")); n != 0 {
		t.Errorf("%d refusals are events", n)
	}
}

// Whoever uses up the codes that a building may ask for an address keeps nobody from theirs who was invited, or has a
// link of their own.
func TestCodesOfABuilding(t *testing.T) {
	w := newWorld(t)
	by := actor.Actor{Kind: actor.Stranger, Network: "10.0.0.0"}
	begin := func(i invitation.Invitation) error {
		_, err := w.requests.Begin(t.Context(), by, nia(in(w.north)), i)
		return err
	}
	w.Must(begin(invitation.Invitation{}))
	for range request.ForRequest.MaxOfNetwork - 1 {
		w.Must(begin(invitation.Invitation{}))
	}
	if err := begin(invitation.Invitation{}); !is(err, fault.TooMany) {
		t.Fatalf("one more: %v", err)
	}
	var y worldtest.Tally
	invited := invitation.Invitation{ID: "1", Email: "nia@example.nhs.uk"}
	w.Must(begin(invited))
	err := begin(invitation.Invitation{ID: "2", Email: "bo@example.nhs.uk"})
	y.Refused(t, "by an invitation of somebody else", err == nil)
	for range request.ForRequest.MaxOfNetwork - 1 {
		w.Must(begin(invited))
	}
	y.Refused(t, "by one invitation for ever", begin(invited) == nil)
	y.Report(t, "codes of a building")
}

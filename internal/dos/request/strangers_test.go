package request_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/administration"
	"signpost/internal/dos/request"
	"signpost/internal/dos/request/invitation"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// A mail to an address that nobody has confirmed has nothing of what a stranger typed.
func TestMailToAnUnconfirmedAddressHasNoTypedText(t *testing.T) {
	w := newWorld(t)
	w.begun(stranger, nia(func(t *request.Typed) {
		t.FirstName = "Your account is locked"
		t.LastName = "Call Sister Ann"
		t.Reason = "Because they are to read this."
	}))
	w.Settle()
	mails := w.Mails.To("nia@example.nhs.uk")
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	for _, typed := range []string{"locked", "Sister", "Because they"} {
		if strings.Contains(mails[0].Text+mails[0].Subject, typed) {
			t.Errorf("the mail has %q", typed)
		}
	}
}

// Names have nothing of which a mail program makes a link, nor a telephone number.
func TestNamesOfRequestsAreNames(t *testing.T) {
	w := newWorld(t)
	for text, taken := range map[string]bool{
		"https://x.example": false, "x.example": false, "a@b": false, "0800 1": false, "Note: Ann": false, "J.R.": false,
		"J. R.": true, "Ann-Marie": true, "O’Brien": true, "Zoë": true, "St. John": true,
	} {
		_, err := w.requests.Begin(t.Context(), stranger, nia(func(t *request.Typed) {
			t.FirstName = text
			t.LastName = ""
		}), invitation.Invitation{})
		if taken != (err == nil) || !taken && !is(err, fault.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// An address that nobody confirmed gets some codes a day, however many networks ask; and its owner theirs, on a network
// of which nobody asked or by an invitation.
func TestCodesOfAnAddressInADay(t *testing.T) {
	w := newWorld(t)
	from := func(network string, i invitation.Invitation) (cookie string, err error) {
		by := stranger
		by.Network = network
		return w.requests.Begin(t.Context(), by, nia(in(w.north)), i)
	}
	mailed := 0
	for range 20 { // the attack: four networks, all day
		for n := range 4 {
			for range request.ForRequest.MaxOfNetwork {
				_, err := from(fmt.Sprintf("10.0.%d.0", n), invitation.Invitation{})
				if err != nil && !is(err, fault.TooMany) {
					t.Fatal(err)
				}
				if err == nil {
					mailed++
				}
			}
		}
		w.Clock.Advance(time.Hour)
	}
	if mailed != int(request.ForRequest.MaxOfDay) {
		t.Errorf("strangers had %d codes mailed in a day, want %d", mailed, request.ForRequest.MaxOfDay)
	}
	cookie, err := from("10.1.0.0", invitation.Invitation{})
	w.Must(err)
	by := stranger
	by.Network = "10.1.0.0"
	for range 2 {
		w.Must(w.requests.SendCodeAgain(t.Context(), by, cookie))
	}
	if err := w.requests.SendCodeAgain(t.Context(), by, cookie); !is(err, fault.TooMany) {
		t.Errorf("a fourth on one network: %v", err)
	}
	for range request.ForRequest.MaxOfNetwork {
		_, err = from("10.1.0.0", invitation.Invitation{ID: "1", Email: "nia@example.nhs.uk"})
		w.Must(err)
	}
	w.Clock.Advance(24 * time.Hour)
	_, err = from("10.0.1.0", invitation.Invitation{})
	w.Must(err)
}

// However many requests of another region wait, those of one's own are found.
func TestOverdueRequestsOfAnotherRegionHideNone(t *testing.T) {
	w := newWorld(t)
	w.begun(stranger, nia(in(w.south)))
	w.Update(func(ctx context.Context, u *db.W) error {
		const again = `INSERT INTO request (id, state, first_name, last_name, email, email_key, phone, organisation,
			profession, region, reason, asked_by, invited_by, own_digest, created_at) SELECT $1, state, first_name,
			last_name, email, email_key, phone, organisation, profession, region, reason, asked_by, invited_by,
			own_digest, created_at FROM request WHERE region = $2 LIMIT 1`
		for n := range 200 {
			if _, err := u.Exec(ctx, again, fmt.Sprintf("another%d", n), w.south); err != nil {
				return err
			}
		}
		return nil
	})
	w.Clock.Advance(time.Minute)
	w.begun(stranger, nia(in(w.north), func(t *request.Typed) { t.Email = "bo@example.nhs.uk" }))
	w.Clock.Advance(request.Overdue)
	if n, err := w.requests.RejectOverdue(t.Context(), as(w.norma)); n != 1 || err != nil {
		t.Errorf("%d ended, %v", n, err)
	}
}

// What an asker says of their Care Identity is kept once, and not after the decision.
func TestStatementsAreKeptOnce(t *testing.T) {
	w := newWorld(t)
	cookie, id := w.confirmed(stranger, nia(in(w.north)))
	state := func(i request.Identity) error { return w.requests.State(t.Context(), stranger, cookie, i) }
	for range 5 {
		w.Must(state(request.NoIdentity))
	}
	w.Must(w.approve(w.norma, id, searchOnly))
	for range 5 {
		if err := state(request.Inactive); !is(err, fault.Conflict) {
			t.Errorf("after the decision: %v", err)
		}
	}
	events := len(w.Events("request.stated")) + len(w.Events("request.refused"))
	if events != 1 || w.read(id).HasIdentity != request.NoIdentity {
		t.Errorf("%d events, kept %q", events, w.read(id).HasIdentity)
	}
}

// newAdministrator gives an account that was made an administrator of North just now.
func (w *world) newAdministrator() account.Account {
	w.Helper()
	added := w.Account(account.New{Username: "new", Email: "new@example.nhs.uk", Region: w.north}, "")
	office := administration.Office{DB: w.DB, Post: w.Post}
	w.Must(office.Give(w.Context(), as(w.boss), added.ID, account.UserAdministrator, account.InRegion(w.north)))
	return added
}

// The hour before a new administrator approves is not shortened by other groups that they are given meanwhile.
func TestOtherGroupsDoNotShortenTheHour(t *testing.T) {
	w := newWorld(t)
	id := w.sent(nia(in(w.north)), niaAtCIS2)
	added := w.newAdministrator()
	office := administration.Office{DB: w.DB, Post: w.Post}
	north := account.InRegion(w.north)
	for range 25 {
		w.Must(office.Give(t.Context(), as(w.boss), added.ID, account.ProviderUser, north))
		w.Must(office.Take(t.Context(), as(w.boss), added.ID, account.ProviderUser, north))
	}
	if err := w.approve(added, id, searchOnly); !is(err, fault.Forbidden) {
		t.Errorf("approved at once: %v", err)
	}
	w.Clock.Advance(request.JustGiven)
	w.Must(w.approve(added, id, searchOnly))
}

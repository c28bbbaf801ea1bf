package request_test

import (
	"context"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/request"
	"signpost/internal/dos/request/invitation"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// Overdue requests are rejected together by the rule by which each is decided: not by whom it is of, who is of its
// name, who invited its asker or was let decide just now, nor while somebody else looks at it.
func TestOverdueRequestsGoByTheRuleOfAll(t *testing.T) {
	w := newWorld(t)
	w.begun(as(w.norma), nia(in(w.north), func(t *request.Typed) { t.Email = "own@example.nhs.uk" }))
	w.begun(stranger, nia(in(w.north), func(t *request.Typed) {
		t.FirstName, t.LastName, t.Email = w.norma.FirstName, w.norma.LastName, "namesake@example.nhs.uk"
	}))
	guest := nia(in(w.north), func(t *request.Typed) { t.Email = "guest@example.nhs.uk" })
	_, err := w.requests.Begin(t.Context(), stranger, guest,
		invitation.Invitation{InvitedBy: w.norma.ID, Email: guest.Email})
	w.Must(err)
	w.begun(stranger, nia(in(w.north), func(t *request.Typed) { t.Email = "looked@example.nhs.uk" }))
	w.Clock.Advance(request.Overdue)
	looked := ""
	for _, one := range w.list(w.norma, request.Filter{}) {
		if one.Email == "looked@example.nhs.uk" {
			looked = one.ID
		}
	}
	w.Must(w.requests.Look(t.Context(), as(w.boss), looked, false))
	n, err := w.requests.RejectOverdue(t.Context(), as(w.norma))
	if n != 0 || !is(err, fault.Conflict) && !is(err, fault.Forbidden) {
		t.Errorf("%d ended, %v", n, err)
	}
	if left := w.list(w.norma, request.Filter{}); len(left) != 4 {
		t.Errorf("%d of 4 are left", len(left))
	}
	w.Clock.Advance(request.ReviewLasts)
	new := w.administrator("new", account.InRegion(w.north))
	w.Update(func(ctx context.Context, u *db.W) error {
		return account.AddGroup(ctx, u, new.ID, account.UserAdministrator, account.Everywhere)
	})
	if n, err := w.requests.RejectOverdue(t.Context(), as(new)); n != 0 || !is(err, fault.Forbidden) {
		t.Errorf("%d ended by somebody who was given the permission just now, %v", n, err)
	}
	if n, err := w.requests.RejectOverdue(t.Context(), as(w.boss)); n != 4 || err != nil { // the honest twin
		t.Errorf("%d of 4 ended by somebody else, %v", n, err)
	}
}

// Whoever invited somebody does not decide their request, neither alone nor as the next one.
func TestWhoInvitesDoesNotDecide(t *testing.T) {
	w := newWorld(t)
	cookie, err := w.requests.Begin(t.Context(), stranger, nia(in(w.north)),
		invitation.Invitation{InvitedBy: w.norma.ID, Email: "nia@example.nhs.uk"})
	w.Must(err)
	w.Must(w.requests.Confirm(t.Context(), stranger, cookie, w.Code("nia@example.nhs.uk")))
	asked, err := w.requests.Mine(t.Context(), cookie)
	w.Must(err)
	var y worldtest.Tally
	_, err = w.requests.LookAtNext(t.Context(), as(w.norma))
	y.Refused(t, "next", err == nil)
	y.Refused(t, "approve", w.approve(w.norma, asked.ID, searchOnly) == nil)
	y.Refused(t, "reject", w.requests.Reject(t.Context(), as(w.norma), asked.ID, "no") == nil)
	y.Refused(t, "ask", w.requests.AskBack(t.Context(), as(w.norma), asked.ID, "who?") == nil)
	y.Report(t, "whoever invited decides")
	w.Must(w.approve(w.boss, asked.ID, searchOnly)) // the honest twin
}

// An invitation speaks for whom it was sent to: with it nobody else asks as somebody who was invited.
func TestAnInvitationSpeaksForItsOwnAddress(t *testing.T) {
	w := newWorld(t)
	invited := invitation.Invitation{InvitedBy: w.norma.ID, Email: "Bo@Example.nhs.uk"}
	for address, by := range map[string]string{"nia@example.nhs.uk": "", "bo@example.nhs.uk": w.norma.ID} {
		typed := nia(in(w.north), func(t *request.Typed) { t.Email = address })
		cookie, err := w.requests.Begin(t.Context(), stranger, typed, invited)
		w.Must(err)
		w.Must(w.requests.Confirm(t.Context(), stranger, cookie, w.Code(address)))
		asked, err := w.requests.Mine(t.Context(), cookie)
		w.Must(err)
		if asked.InvitedBy != by {
			t.Errorf("%s: invited by %q, not %q", address, asked.InvitedBy, by)
		}
	}
}

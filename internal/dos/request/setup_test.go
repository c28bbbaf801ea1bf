package request_test

import (
	"context"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/request"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

// What nobody has seen who approved a request without a Care Identity goes back to the administrators when it comes: a
// leaver's address, one that looks like the asker's, or that the request is the approver's own.
func TestWhatIsSetUpUnseenGoesBack(t *testing.T) {
	var y worldtest.Tally
	for name, arrange := range map[string]func(w *world) (subject, address string){
		"an address that looks alike": func(*world) (string, string) { return "500000000031", "nia@examp1e.nhs.uk" },
		"an address of a leaver": func(w *world) (string, string) {
			a := w.Account(account.New{Username: "leaver", Email: "leaver@example.nhs.uk"}, "")
			w.Update(func(ctx context.Context, u *db.W) error { return account.Deactivate(ctx, u, a.ID, "left") })
			return "500000000031", a.Email
		},
		"a former Care Identity of the approver": func(w *world) (string, string) {
			w.linkedBefore(w.norma, "500000000061")
			return "500000000061", "nia@example.nhs.uk"
		},
	} {
		w := newWorld(t)
		cookie, id := w.confirmed(stranger, nia(in(w.north)))
		w.Must(w.approve(w.norma, id, searchOnly))
		subject, address := arrange(w)
		p := person(subject, "Nia", "Newcomer")
		p.Email = address
		w.Must(w.prove(cookie, p))
		y.Refused(t, name, w.links() != 0 || w.state(id) != request.Open)
		w.Must(w.approve(w.boss, id, request.Approval{})) // the honest twin: somebody has looked
		if w.links() != 1 || w.state(id) != request.Approved {
			t.Errorf("%s: looked at and approved: %s", name, w.state(id))
		}
	}
	y.Report(t, "requests that are set up unseen")
}

// A rejected request that nobody confirmed is deleted in its time: what was typed may be about somebody else.
func TestRejectedRequestsThatNobodyConfirmedAreDeleted(t *testing.T) {
	w := newWorld(t)
	w.begun(stranger, nia(in(w.north)))
	w.Clock.Advance(request.Overdue)
	if n, err := w.requests.RejectOverdue(t.Context(), as(w.norma)); n != 1 || err != nil {
		t.Fatalf("%d rejected, %v", n, err)
	}
	if n := w.Count(`SELECT COUNT(*) FROM request WHERE ends_at > $1`, w.Clock.Now()); n != 1 {
		t.Errorf("%d will be deleted", n)
	}
	decided := w.sent(nia(in(w.north)), niaAtCIS2)
	w.Must(w.requests.Reject(t.Context(), as(w.norma), decided, "Use another tool."))
	if n := w.Count(`SELECT COUNT(*) FROM request WHERE ends_at IS NULL`); n != 1 {
		t.Errorf("%d of those that were confirmed are kept", n)
	}
}

// Whoever may not approve yet reads why, and leaves one event.
func TestTheNextRequestOfANewAdministrator(t *testing.T) {
	w := newWorld(t)
	for n := range 3 {
		w.sent(called(w.north, "Nia", "Newcomer", string(rune('a'+n))+"@example.nhs.uk"),
			person("50000000003"+string(rune('1'+n)), "Nia", "Newcomer"))
	}
	added := w.newAdministrator()
	if _, err := w.requests.LookAtNext(t.Context(), as(added)); !is(err, fault.Forbidden) {
		t.Errorf("not told why: %v", err)
	}
	if n := len(w.Events("request.refused")); n != 1 {
		t.Errorf("%d events", n)
	}
	w.Clock.Advance(time.Hour)
	_, err := w.requests.LookAtNext(t.Context(), as(added))
	w.Must(err)
}

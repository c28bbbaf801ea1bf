package request_test

import (
	"context"
	"strings"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/request"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// broughtBack gives a request that the administrator of everything approved, with a group everywhere, and that came
// back: the Care Identity that followed has another name.
func (w *world) broughtBack() (cookie, id string) {
	w.Helper()
	cookie, id = w.confirmed(stranger, nia(in(w.north)))
	everywhere := request.Approval{Group: account.UserAdministrator, Scope: account.Everywhere}
	w.Must(w.approve(w.boss, id, everywhere))
	w.Must(w.prove(cookie, person("500000000044", "Leila", "Haddad")))
	return cookie, id
}

func (w *world) isActive(id string) (active bool) {
	w.Helper()
	w.View(func(ctx context.Context, r db.R) error {
		a, err := account.ByID(ctx, r, id)
		active = a.Active
		return err
	})
	return active
}

// Whoever approves a second time lets somebody in with all that the account has, so they must hold all of it; and the
// event says what it has.
func TestSecondApprovalTakesAllThatTheAccountHas(t *testing.T) {
	w := newWorld(t)
	_, id := w.broughtBack()
	for name, a := range map[string]request.Approval{"search alone": searchOnly, "nothing chosen": {}} {
		if err := w.approve(w.norma, id, a); err == nil || w.links() != 0 {
			t.Errorf("%s: by somebody of one region: %v, %d links", name, err, w.links())
		}
	}
	if err := w.approve(w.norma, id, request.Approval{}); !is(err, fault.Forbidden) {
		t.Errorf("by somebody of one region: %v", err)
	}
	w.Must(w.approve(w.boss, id, request.Approval{}))
	events := w.Events("request.approved")
	if last := string(events[len(events)-1].After); len(events) != 2 || w.links() != 1 ||
		!strings.Contains(last, "user-administrator") || !strings.Contains(last, "everywhere") {
		t.Errorf("%d events, the last %s; %d links", len(events), last, w.links())
	}
}

// A request whose account exists is rejected only by those who may deactivate the account.
func TestRejectAfterAnApproval(t *testing.T) {
	w := newWorld(t)
	_, id := w.broughtBack()
	made := w.read(id).AccountID
	err := w.requests.Reject(t.Context(), as(w.norma), id, "no")
	if !is(err, fault.Forbidden) || !w.isActive(made) || w.state(id) != request.Open {
		t.Errorf("by somebody of one region: %v; active %v, %s", err, w.isActive(made), w.state(id))
	}
	cookie, second := w.confirmed(stranger, nia(in(w.north), func(t *request.Typed) { t.Email = "bo@example.nhs.uk" }))
	w.Must(w.approve(w.norma, second, w.provider()))
	w.Must(w.prove(cookie, person("500000000045", "Mina", "Haddad")))
	w.Must(w.requests.Reject(t.Context(), as(w.norma), second, "another person"))
	if w.isActive(w.read(second).AccountID) || w.state(second) != request.Rejected {
		t.Error("the account of a rejected request is active")
	}
}

// An asker who withdraws a request that came back ends the account that was made for it.
func TestWithdrawalAfterAnApproval(t *testing.T) {
	w := newWorld(t)
	cookie, id := w.broughtBack()
	w.Must(w.requests.Withdraw(t.Context(), stranger, cookie))
	if w.isActive(w.read(id).AccountID) || w.state(id) != request.Withdrawn {
		t.Errorf("active: %v, %s", w.isActive(w.read(id).AccountID), w.state(id))
	}
}

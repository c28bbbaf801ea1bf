package request_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"signpost/internal/dos/request"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Two administrators who go from one request to the next get different ones, the oldest first, and neither their own.
func TestTheNextRequest(t *testing.T) {
	w := newWorld(t)
	w.confirmed(as(w.norma), nia(in(w.north), func(t *request.Typed) { t.Email = "own@example.nhs.uk" }))
	var ids []string
	for i := range 3 {
		w.Clock.Advance(time.Minute)
		_, id := w.confirmed(stranger, nia(in(w.north), func(t *request.Typed) {
			t.Email = fmt.Sprintf("nia%d@example.nhs.uk", i)
		}))
		ids = append(ids, id)
	}
	first, err := w.requests.LookAtNext(t.Context(), as(w.norma))
	w.Must(err)
	if first != ids[0] {
		t.Error("the first is not the oldest that she may decide")
	}
	again, err := w.requests.LookAtNext(t.Context(), as(w.norma))
	w.Must(err)
	if again != first {
		t.Error("the one that she looks at is not given again")
	}
	w.Must(w.approve(w.norma, first, searchOnly))
	second, err := w.requests.LookAtNext(t.Context(), as(w.norma))
	w.Must(err)
	if second != ids[1] {
		t.Error("the second is another one")
	}
	if _, err := w.requests.LookAtNext(t.Context(), as(w.sandra)); !is(err, fault.Conflict) {
		t.Errorf("of another region: %v", err)
	}
	w.Must(w.requests.Look(t.Context(), as(w.boss), ids[2], false))
	w.Must(w.approve(w.norma, second, searchOnly))
	if _, err := w.requests.LookAtNext(t.Context(), as(w.norma)); !is(err, fault.Conflict) {
		t.Errorf("one that another looks at: %v", err)
	}
}

// Whoever invited a whole team goes on to those behind it whom they may decide.
func TestTheNextRequestBehindOnesGuests(t *testing.T) {
	w := newWorld(t)
	for i := range 25 {
		w.confirmed(stranger, nia(in(w.north), func(t *request.Typed) {
			t.Email = fmt.Sprintf("nia%d@example.nhs.uk", i)
		}))
	}
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE request SET invited_by = $1`, w.norma.ID)
		return errors.Join(err, u.Record(ctx, audit.Event{Kind: "request.moved", Subject: request.Ref("test")}))
	})
	if _, err := w.requests.LookAtNext(t.Context(), as(w.norma)); !is(err, fault.Conflict) {
		t.Errorf("one whom she invited: %v", err)
	}
	w.Clock.Advance(time.Minute)
	_, last := w.confirmed(stranger, nia(in(w.north)))
	if next, err := w.requests.LookAtNext(t.Context(), as(w.norma)); err != nil || next != last {
		t.Errorf("the one behind them: %q, %v", next, err)
	}
}

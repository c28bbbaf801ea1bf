package site_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/request"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/webtest"
)

// orRequests adds what refuses each form about requests.
func (w *world) orRequests(all *browser, refused map[string]webtest.Refused) map[string]webtest.Refused {
	w.Helper()
	by := func(at string, typed ...string) webtest.Refused {
		return func(testing.TB) string { return w.browser().post(at, typed...).body }
	}
	on := func(at string, typed ...string) webtest.Refused {
		return func(testing.TB) string { return all.post(at, typed...).body }
	}
	maps.Copy(refused, map[string]webtest.Refused{
		"POST /request-account": func(testing.TB) string { return w.asksTooOften().body },
		"POST /request-account/code": func(testing.TB) string {
			b := w.browser()
			b.post("/request-account", asked()...)
			return b.post("/request-account/code", "code", "KDF7 2M9X").body
		},
		"POST /my-request/{id}/{secret}": by("/my-request/nobody/nothing"),
		"POST /my-request/identity":      by("/my-request/identity"),
		"POST /my-request/without":       by("/my-request/without", "identity", "none"),
		"POST /my-request/answer": func(testing.TB) string {
			return w.confirmed().post("/my-request/answer", "answer", "nobody asked").body
		},
		"POST /my-request/withdraw": by("/my-request/withdraw"),
		"POST /requests/invite":     nil,
		"POST /requests/invite/send": func(testing.TB) string {
			return w.approver("sends-nothing", account.Everywhere).post("/requests/invite/send").body
		},
		"POST /requests/next": func(testing.TB) string {
			return w.approver("idle", account.InRegion("none")).post("/requests/next").body
		},
		"POST /requests/overdue":           on("/requests/overdue"),
		"POST /requests/{id}/look":         on("/requests/nothing/look"),
		"POST /requests/{id}/take-over":    on("/requests/nothing/take-over"),
		"POST /requests/{id}/approve":      on("/requests/nothing/approve", "group", "search-only"),
		"POST /requests/{id}/reject":       on("/requests/nothing/reject", "reason", "another tool"),
		"POST /requests/{id}/question":     on("/requests/nothing/question", "question", "Why?"),
		"POST /requests/{id}/organisation": on("/requests/nothing/organisation", "organisation", "FXX02"),
		"POST /requests/{id}/region":       on("/requests/nothing/region", "region", "none"),
	})
	return refused
}

// requestToDecide gives a request that somebody looks at, and one of which nobody confirmed the address for a month.
func (w *world) requestToDecide(by *browser, n int) (id string) {
	w.Helper()
	w.Update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, `UPDATE request SET created_at = $1 WHERE state = 'unconfirmed'`,
			u.Now().Add(-request.Overdue))
		return errors.Join(err, u.Record(ctx, audit.Event{Kind: "test", Subject: audit.Ref{Kind: "test", ID: "test"}}))
	})
	b := w.browser()
	b.Address = fmt.Sprintf("10.1.%d.1:1234", n)
	address := fmt.Sprintf("asker%d@example.nhs.uk", n)
	b.post("/request-account", asked("email", "un"+address)...)
	b.post("/request-account", asked("email", address)...)
	b.post("/request-account/code", "code", w.code(address))
	w.View(func(ctx context.Context, r db.R) (err error) {
		id, err = db.Value[string](ctx, r, `SELECT id FROM request WHERE email = $1`, address)
		return err
	})
	by.post("/requests/" + id + "/look")
	return id
}

package request_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"signpost/internal/dos/account"
	"signpost/internal/dos/request"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

// measure gives the times of what somebody looks after, after the job has come by.
func (w *world) measure(reach account.Reach) (got request.Times) {
	w.Helper()
	w.Must(request.NoteEntered(w.Context(), w.DB, actor.ForJob("test", "test")))
	w.View(func(ctx context.Context, r db.R) (err error) {
		got, err = request.Measure(ctx, r, reach)
		return err
	})
	return got
}

// The time from the form to the first login is measured, and each part of it is put down to whom it waited for.
func TestWhatRequestsWaitFor(t *testing.T) {
	w := newWorld(t)
	typed := nia(in(w.north))
	cookie := w.begun(stranger, typed)
	w.Clock.Advance(5 * time.Minute)
	w.Must(w.requests.Confirm(t.Context(), stranger, cookie, w.Code(typed.Email)))
	asked, err := w.requests.Mine(t.Context(), cookie)
	w.Must(err)
	w.Clock.Advance(10 * time.Minute)
	w.Must(w.requests.AskBack(t.Context(), as(w.norma), asked.ID, "Which pharmacy?"))
	w.Clock.Advance(20 * time.Minute)
	w.Must(w.requests.Reply(t.Context(), stranger, cookie, "Mill Road."))
	w.Clock.Advance(7 * time.Minute)
	w.Must(w.approve(w.norma, asked.ID, searchOnly))
	w.Clock.Advance(8 * time.Minute)
	w.Must(w.prove(cookie, niaAtCIS2))
	if got := w.measure(account.Reach{Everywhere: true}); got.Requests != 0 {
		t.Errorf("measured before the first login: %+v", got)
	}
	w.Clock.Advance(3 * time.Minute)
	w.enter(niaAtCIS2)
	w.Clock.Advance(time.Hour)
	w.enter(niaAtCIS2) // the second time does not count
	both := func(d time.Duration) request.Spread { return request.Spread{Median: d, P90: d} }
	want := request.Times{
		Requests: 1, Total: both(53 * time.Minute), Email: both(5 * time.Minute), Identity: both(8 * time.Minute),
		Administrator: both(17 * time.Minute), Asker: both(20 * time.Minute), FirstLogin: both(3 * time.Minute),
	}
	ofNorth := want
	want.ByRegion = map[string]request.Times{w.north: ofNorth}
	if diff := cmp.Diff(want, w.measure(account.Reach{Regions: []string{w.north}})); diff != "" {
		t.Errorf("measured (-want +got):\n%s", diff)
	}
	if got := w.measure(account.Reach{Regions: []string{w.south}}); got.Requests != 0 {
		t.Errorf("measured for another region: %+v", got)
	}
}

func TestMedianAndP90(t *testing.T) {
	for _, tt := range []struct {
		n           int
		median, p90 time.Duration
	}{{1, 1, 1}, {2, 1, 2}, {3, 2, 3}, {10, 5, 9}, {11, 6, 10}, {100, 50, 90}} {
		var took []time.Duration
		for i := tt.n; i > 0; i-- {
			took = append(took, time.Duration(i))
		}
		if got := request.SpreadOf(took); got.Median != tt.median || got.P90 != tt.p90 {
			t.Errorf("of %d: %+v", tt.n, got)
		}
	}
}

// However many never come, those who come later are measured.
func TestThoseWhoNeverComeHideNobody(t *testing.T) {
	w := newWorld(t)
	id := w.sent(nia(in(w.north)), niaAtCIS2)
	w.Must(w.approve(w.norma, id, searchOnly))
	w.Update(func(ctx context.Context, u *db.W) error {
		const again = `INSERT INTO request (id, state, first_name, last_name, email, email_key, phone, organisation,
			profession, region, reason, asked_by, invited_by, own_digest, created_at, confirmed_at, decided_at,
			account_id)
			SELECT $1, state, first_name, last_name, email, email_key, phone, organisation, profession, region, reason,
			asked_by, invited_by, own_digest, created_at, confirmed_at, $3, 'nobody' FROM request WHERE id = $2`
		for n := range 501 {
			if _, err := u.Exec(ctx, again, fmt.Sprintf("another%d", n), id, u.Now().Add(-time.Hour)); err != nil {
				return err
			}
		}
		return nil
	})
	w.Clock.Advance(time.Minute)
	w.enter(niaAtCIS2)
	if got := w.measure(account.Reach{Everywhere: true}); got.Requests != 1 {
		t.Errorf("%d are measured", got.Requests)
	}
}

package backchannel

import (
	"context"
	"testing"
	"time"

	"signpost/internal/careid/schema"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

// A worker changes a notice only while its own round is the notice's round and the notice waits.
func TestARoundNotesWhileItLasts(t *testing.T) {
	at := time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name string
		note func(ctx context.Context, l *Ledger, n delivery) error
		want Notice
	}{
		{"told", func(ctx context.Context, l *Ledger, n delivery) error { return l.delivered(ctx, n, "Well.") },
			Notice{State: Delivered, Tries: 1, Tried: at, Answer: "Well."}},
		{"failed", func(ctx context.Context, l *Ledger, n delivery) error { _ = l.failed(ctx, n, "No."); return nil },
			Notice{State: Waiting, Tries: 1, Tried: at, Answer: "No.", Next: at.Add(Pauses[0])}},
		{"put off", func(ctx context.Context, l *Ledger, n delivery) error { _ = l.wait(ctx, n, time.Hour); return nil },
			Notice{State: Waiting, Next: at.Add(time.Hour)}},
		{"given up untried", func(ctx context.Context, l *Ledger, n delivery) error {
			return l.giveUp(ctx, n, "No address.")
		}, Notice{State: GivenUp, Answer: "No address."}},
		{"given up after a day", func(ctx context.Context, l *Ledger, n delivery) error {
			n.began = n.began.Add(-GiveUp)
			return l.failed(ctx, n, "No.")
		}, Notice{State: GivenUp, Tries: 1, Tried: at, Answer: "No."}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := clocktest.At(at)
			l := &Ledger{DB: dbtest.Open(t, schema.Files, c), Clock: c}
			n := delivery{id: "n-1", clientID: "rota", round: 1, began: at}
			fresh := Notice{State: Waiting, Next: at}
			keep(t, l, insertNotice, n.id, n.clientID, "sid-1", "800000000101", at, false)
			n.round = 2
			holds(t, l, n, tt.note, fresh) // a round that the notice is not in
			n.round = 1
			holds(t, l, n, tt.note, tt.want)
			keep(t, l, `UPDATE provider_notice SET state = 'told', answer = 'Told.'`)
			tt.want.State = Delivered
			tt.want.Answer = "Told."
			holds(t, l, n, tt.note, tt.want) // settled already
		})
	}
}

// holds lets the ledger note something and compares what it holds afterwards.
func holds(
	t *testing.T, l *Ledger, n delivery, note func(ctx context.Context, l *Ledger, n delivery) error, want Notice,
) {
	t.Helper()
	if err := note(t.Context(), l, n); err != nil {
		t.Fatal(err)
	}
	var list []Notice
	if err := l.DB.View(t.Context(), func(r db.R) (err error) {
		list, err = Of(t.Context(), r, n.clientID, 0, 2)
		return err
	}); err != nil || len(list) != 1 {
		t.Fatalf("%+v, %v", list, err)
	}
	want.ID = n.id
	want.Client = n.clientID
	want.SID = "sid-1"
	want.Made = n.began
	if list[0] != want {
		t.Errorf("in round %d the ledger holds\n%+v, want\n%+v", n.round, list[0], want)
	}
}

func keep(t *testing.T, l *Ledger, sql string, args ...any) {
	t.Helper()
	if err := l.DB.Keep(t.Context(), func(k *db.K) error {
		_, err := k.Exec(t.Context(), sql, args...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

package mail_test

import (
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/mail"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

// To whom mail went is forgotten when its time has come; mail that waits stays, however old.
func TestDeliveredMailIsForgotten(t *testing.T) {
	c := clocktest.At(noon)
	d := dbtest.Open(t, fstest.MapFS{}, c)
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		const insert = `INSERT INTO mail (id, kind, recipient, sealed, queued_at, delivered_at)
			VALUES ($1, 'test', $1, $2, $3, $4)`
		for id, delivered := range map[string]time.Time{"waits": {}, "old": noon, "new": noon.Add(time.Hour)} {
			if _, err := w.Exec(t.Context(), insert, id, []byte("sealed"), noon, delivered); err != nil {
				return err
			}
		}
		return w.Record(t.Context(), audit.Event{Kind: "test.prepared"})
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		after time.Duration
		want  int64
	}{{90*24*time.Hour - time.Millisecond, 3}, {time.Millisecond, 2}, {365 * 24 * time.Hour, 1}} {
		c.Advance(tt.after)
		if _, err := mail.Sweeper(d, 90*24*time.Hour).Sweep(t.Context(), actor.ForCommand("test")); err != nil {
			t.Fatal(err)
		}
		left, err := db.Read(t.Context(), d, func(r db.R) (int64, error) {
			return db.Value[int64](t.Context(), r, `SELECT COUNT(*) FROM mail`)
		})
		if err != nil || left != tt.want {
			t.Errorf("%s after delivery %d are left, %v; want %d", tt.after, left, err, tt.want)
		}
	}
}

package session_test

import (
	"testing"
	"time"

	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/session"
)

// ending gives the reason that a browser with a cookie is told.
func ending(t *testing.T, d *db.DB, cookie string) session.Reason {
	t.Helper()
	reason, err := db.Glance(t.Context(), d, func(r db.R) (session.Reason, error) {
		return kind.Ending(t.Context(), r, cookie)
	})
	if err != nil {
		t.Fatal(err)
	}
	return reason
}

func TestWhyASessionEnded(t *testing.T) {
	wait := func(c *clocktest.Manual, pause time.Duration) { c.Advance(pause) }
	for _, tt := range []struct {
		name string
		end  func(t *testing.T, d *db.DB, c *clocktest.Manual, cookie string)
		want session.Reason
	}{
		{"not at all", func(*testing.T, *db.DB, *clocktest.Manual, string) {}, session.NotKnown},
		{"not used", func(_ *testing.T, _ *db.DB, c *clocktest.Manual, _ string) { wait(c, 15*time.Minute) }, session.Unused},
		{"too old", func(t *testing.T, d *db.DB, c *clocktest.Manual, cookie string) {
			for range 72 {
				wait(c, 10*time.Minute)
				if s, err := find(t, d, cookie); err == nil {
					_, _ = s.Touch(t.Context(), d, c.Now())
				}
			}
		}, session.TooOld},
		{"with its subject's", func(t *testing.T, d *db.DB, _ *clocktest.Manual, _ string) {
			update(t, d, func(w *db.W) error { _, err := kind.EndSubject(t.Context(), w, "a1", "linked"); return err })
		}, "linked"},
		{"with its sid", func(t *testing.T, d *db.DB, c *clocktest.Manual, _ string) {
			update(t, d, func(w *db.W) error { _, err := kind.EndSID(t.Context(), w, "sid1", c.Now(), "cis2"); return err })
		}, "cis2"},
		{"with another's", func(t *testing.T, d *db.DB, c *clocktest.Manual, _ string) {
			update(t, d, func(w *db.W) error { _, err := kind.EndSubject(t.Context(), w, "a2", "linked"); return err })
			wait(c, time.Hour)
		}, session.Unused},
	} {
		t.Run(tt.name, func(t *testing.T) {
			d, c := open(t)
			cookie := begin(t, d, "a1", "sid1")
			tt.end(t, d, c, cookie)
			if got := ending(t, d, cookie); got != tt.want {
				t.Errorf("it ended %q, want %q", got, tt.want)
			}
			id, _ := session.Split(cookie)
			if got := ending(t, d, session.Cookie(id, "guessed")); got != session.NotKnown {
				t.Errorf("a stranger learns that it ended %q", got)
			}
		})
	}
}

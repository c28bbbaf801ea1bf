package session_test

import (
	"testing"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/session"
)

func sweep(t *testing.T, d *db.DB) {
	t.Helper()
	if _, err := session.Sweeper(d).Sweep(t.Context(), actor.ForCommand("test")); err != nil {
		t.Fatal(err)
	}
}

func count(t *testing.T, d *db.DB, query string) int64 {
	t.Helper()
	n, err := db.Read(t.Context(), d, func(r db.R) (int64, error) { return db.Value[int64](t.Context(), r, query) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// A session that was used goes when it is over by its last use, neither earlier nor later, and its last use follows.
func TestUsedSessionsAreSweptByTheirLastUse(t *testing.T) {
	d, c := open(t)
	s, err := find(t, d, begin(t, d, "a1", ""))
	if err != nil {
		t.Fatal(err)
	}
	c.Advance(10 * time.Minute)
	if _, err := s.Touch(t.Context(), d, c.Now()); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		after          time.Duration
		sessions, uses int64
	}{{10 * time.Minute, 1, 1}, {5*time.Minute - time.Millisecond, 1, 1}, {time.Millisecond, 0, 1}, {24 * time.Hour, 0, 0}} {
		c.Advance(tt.after)
		sweep(t, d)
		sessions := count(t, d, `SELECT COUNT(*) FROM session`)
		uses := count(t, d, `SELECT COUNT(*) FROM session_use`)
		if sessions != tt.sessions || uses != tt.uses {
			t.Errorf("at %s: %d sessions and %d uses, want %d and %d", c.Now().Format(time.TimeOnly), sessions, uses,
				tt.sessions, tt.uses)
		}
	}
}

// Sessions from before they said when they are over are found out by the first sweep.
func TestSessionsOfTheFirstReleaseAreSwept(t *testing.T) {
	d, c := open(t)
	begin(t, d, "a1", "")
	c.Advance(20 * time.Minute)
	live := begin(t, d, "a2", "")
	update(t, d, func(w *db.W) error {
		_, err := w.Exec(t.Context(), `UPDATE session SET over_at = 0`)
		return err
	})
	sweep(t, d)
	if n := count(t, d, `SELECT COUNT(*) FROM session`); n != 1 {
		t.Errorf("%d sessions are left, want 1", n)
	}
	if _, err := find(t, d, live); err != nil {
		t.Errorf("the live session: %v", err)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM session WHERE over_at = 0`); n != 0 {
		t.Errorf("%d sessions do not say when they are over", n)
	}
}

package retain_test

import (
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/audit/retain"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

var noon = time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC)

func record(t *testing.T, d *db.DB, kind audit.Kind, times int) {
	t.Helper()
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		for range times {
			if err := w.Record(t.Context(), audit.Event{Kind: kind, Reason: "a reason"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func erased(t *testing.T, d *db.DB, kind audit.Kind) (erased, kept int) {
	t.Helper()
	list, err := db.Read(t.Context(), d, func(r db.R) ([]audit.Entry, error) {
		return audit.OfKind(t.Context(), r, kind, 10_000)
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range list {
		if e.Erased {
			erased++
		} else {
			kept++
		}
	}
	return erased, kept
}

// Details of the kinds that a policy names are erased once their time is over, however many they are. All envelopes
// stay, and the details of other kinds.
func TestDetailsAreErasedByPolicy(t *testing.T) {
	c := clocktest.At(noon)
	d := dbtest.Open(t, fstest.MapFS{}, c)
	record(t, d, "guess.wrong", db.SweptAtOnce+5)
	record(t, d, "account.linked", 3)
	c.Advance(40 * 24 * time.Hour)
	record(t, d, "guess.wrong", 2)
	policy := []retain.Details{{Kind: "guess.wrong", Keep: 30 * 24 * time.Hour}}
	for round := range 2 {
		if err := retain.Erase(t.Context(), d, policy); err != nil {
			t.Fatal(err)
		}
		if gone, kept := erased(t, d, "guess.wrong"); gone != db.SweptAtOnce+5 || kept != 2 {
			t.Errorf("round %d: %d erased, %d kept", round, gone, kept)
		}
	}
	if gone, kept := erased(t, d, "account.linked"); gone != 0 || kept != 3 {
		t.Errorf("of another kind: %d erased, %d kept", gone, kept)
	}
	if _, told := erased(t, d, "audit.details-erased"); told != 2 {
		t.Errorf("%d events tell of it, want 2", told)
	}
	c.Advance(40 * 24 * time.Hour)
	if err := retain.Erase(t.Context(), d, policy); err != nil {
		t.Fatal(err)
	}
	if _, kept := erased(t, d, "guess.wrong"); kept != 0 {
		t.Errorf("later: %d kept", kept)
	}
}

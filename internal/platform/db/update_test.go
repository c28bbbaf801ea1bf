package db_test

import (
	"fmt"
	"testing"
	"time"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

func TestUpdateNeedsAnActor(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	if err := d.Update(ctx, actor.Actor{}, func(w *db.W) error { return addThing(ctx, w, "t1", "lamp") }); err == nil {
		t.Error("an update of nobody was committed")
	}
}

// The audit itself is changed with an event only.
func TestEventsAreNotTakenAwayUnseen(t *testing.T) {
	ctx, d := withLamp(t)
	for _, sql := range []string{`DELETE FROM event_detail`, `UPDATE event SET actor_role = 'x'`} {
		erase := func(w *db.W) error { _, err := w.Exec(ctx, sql); return err }
		if err := d.Update(ctx, ann, erase); err == nil {
			t.Errorf("%s was committed without an event", sql)
		}
	}
	if n := count(t, d, `SELECT COUNT(*) FROM event_detail`); n != 1 {
		t.Errorf("details = %d, want 1", n)
	}
}

func TestUpdateThatChangedNothingNeedsNoEvent(t *testing.T) {
	d := open(t)
	ctx := t.Context()
	err := d.Update(ctx, ann, func(w *db.W) error { _, err := w.Exec(ctx, `DELETE FROM thing`); return err })
	if err != nil {
		t.Error(err)
	}
}

// Events committed within one update carry its one reading of the clock, however long it takes.
func TestUpdateHasOneReadingOfTheClock(t *testing.T) {
	c := clocktest.At(noon)
	d := dbtest.Open(t, tables, c)
	ctx := t.Context()
	err := d.Update(ctx, ann, func(w *db.W) error {
		if err := addThing(ctx, w, "t1", "lamp"); err != nil {
			return err
		}
		c.Advance(time.Hour)
		return addThing(ctx, w, "t2", "bell")
	})
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprint(count(t, d, `SELECT COUNT(DISTINCT at) FROM event`),
		count(t, d, `SELECT COUNT(DISTINCT seen_at) FROM thing`))
	if got != "1 1" {
		t.Errorf("different times = %s, want 1 1", got)
	}
}

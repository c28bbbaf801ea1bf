package db_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

// A page is read by one process of the server: to start more takes longer than most pages do.
func TestQueriesAreAnsweredByOneProcess(t *testing.T) {
	if dbtest.Server() == "" {
		return // a file is read by this process
	}
	ctx, d := withLamp(t)
	const ask = `SELECT current_setting('max_parallel_workers_per_gather')`
	got, err := db.Read(ctx, d, func(r db.R) (string, error) { return db.Value[string](ctx, r, ask) })
	if err != nil || got != "0" {
		t.Errorf("%s helpers for one query, %v", got, err)
	}
}

// A question that is asked again and again is answered by what is in the tables now, not as it was planned when they
// were small.
func TestReadsArePlannedAnew(t *testing.T) {
	if dbtest.Server() == "" {
		return // a file has no plans that outlive what they were made for
	}
	ctx, d := withLamp(t)
	const ask = `SELECT COUNT(*) FROM thing WHERE id IN ($1, $2)`
	const plans = `SELECT generic_plans, custom_plans FROM pg_prepared_statements WHERE statement = $1`
	const often = 10
	for name, door := range map[string]func(context.Context, func(db.R) error) error{
		"View": d.View, "Costly": d.Costly,
	} {
		err := door(ctx, func(r db.R) error {
			for range often {
				if _, err := db.Value[int64](ctx, r, ask, "lamp", "bell"); err != nil {
					return err
				}
			}
			return r.Each(ctx, func(scan func(...any) error) error {
				var old, anew int64
				if err := scan(&old, &anew); err != nil {
					return err
				}
				if old != 0 || anew < often {
					t.Errorf("%s: %d answers by an old plan, %d by a new one", name, old, anew)
				}
				return nil
			}, plans, ask)
		})
		if err != nil {
			t.Error(err)
		}
	}
}

// Once it was said that a table was filled, the engine knows how much is in it. On a file there is nothing to know.
func TestFilledTables(t *testing.T) {
	ctx, d := withLamp(t)
	if err := errors.Join(d.Filled(ctx), d.Filled(ctx, "thing")); err != nil {
		t.Fatal(err)
	}
	if dbtest.Server() == "" {
		return
	}
	for what, ask := range map[string]string{
		"columns with statistics":           `SELECT COUNT(*) FROM pg_stats WHERE tablename = 'thing' AND attname = 'id'`,
		"pages that an index can speak for": `SELECT CAST(relallvisible AS BIGINT) FROM pg_class WHERE relname = 'thing'`,
	} {
		n, err := db.Read(ctx, d, func(r db.R) (int64, error) { return db.Value[int64](ctx, r, ask) })
		for tries := 0; err == nil && n != 1 && tries < 100; tries++ { // the server's own work may still read the table
			time.Sleep(20 * time.Millisecond)
			if err = d.Filled(ctx, "thing"); err == nil {
				n, err = db.Read(ctx, d, func(r db.R) (int64, error) { return db.Value[int64](ctx, r, ask) })
			}
		}
		if err != nil || n != 1 {
			t.Errorf("%s: %d, %v", what, n, err)
		}
	}
	if err := d.Filled(ctx, "nowhere"); err == nil {
		t.Error("a table that is not there was filled")
	}
}

package importing_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"signpost/internal/dos/directory"
	"signpost/internal/dos/directory/importing"
	"signpost/internal/dos/schema"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

func quiet(int, int) {}

// districts is a file of 600 postcode districts, more than two chunks.
func districts() string {
	var text strings.Builder
	text.WriteString("id,postcode,latitude,longitude\n")
	for i := range 600 {
		fmt.Fprintf(&text, "%d,%c%c%d,53.%03d,-2.1\n", i, 'A'+i/100, 'B', i%100, i)
	}
	return text.String()
}

// stopAfter gives a context, and a progress function that cancels it once a number of records are written.
func stopAfter(t *testing.T, records int) (context.Context, func(done, total int)) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	t.Cleanup(stop)
	return ctx, func(done, _ int) {
		if done >= records {
			stop()
		}
	}
}

func runs(t *testing.T, d *db.DB) (list []importing.Run) {
	t.Helper()
	err := d.View(t.Context(), func(r db.R) (err error) {
		list, err = importing.Runs(t.Context(), r, 10)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestAnInterruptedImportGoesOnUnderItsID(t *testing.T) {
	d := dbtest.Open(t, schema.Files, clocktest.At(noon))
	f := format(t, "postcodes", "outcodes")
	rows := read(t, f, districts()).Accepted
	ctx, progress := stopAfter(t, 1)
	if _, err := importing.Apply(ctx, d, f, compare(t, d, f, rows), quiet, progress); err == nil {
		t.Fatal("the import was not interrupted")
	}
	run := runs(t, d)[0]
	if run.Written == 0 || run.Written == 600 || run.Total != 600 || !run.Finished.IsZero() {
		t.Fatalf("interrupted: %+v", run)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM import_stage`); n != int64(run.Total-run.Written) {
		t.Errorf("%d records are still to be written by the table, and %d by the run", n, run.Total-run.Written)
	}
	if err := importing.Resume(t.Context(), d, run.ID, quiet); err != nil {
		t.Fatal(err)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM place`); n != 600 {
		t.Errorf("%d places after going on", n)
	}
	if err := importing.Resume(t.Context(), d, run.ID, quiet); err == nil {
		t.Error("a finished import went on")
	}

	ctx, progress = stopAfter(t, 1)
	if _, err := importing.Undo(ctx, d, run.ID, progress); err == nil {
		t.Fatal("the undo was not interrupted")
	}
	u, err := importing.Undo(t.Context(), d, run.ID, quiet)
	if err != nil || u.Restored != 600 || len(u.Untouched) != 0 {
		t.Errorf("the undo run again: %+v, %v", u, err)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM place`); n != 0 {
		t.Errorf("%d places after the undo", n)
	}
	if err := importing.Resume(t.Context(), d, run.ID, quiet); err == nil {
		t.Error("an import that was undone went on")
	}
}

// Of an import that is undone before its end, nothing stays behind to be written.
func TestAnUndoTakesWhatWasNotWritten(t *testing.T) {
	d := dbtest.Open(t, schema.Files, clocktest.At(noon))
	f := format(t, "postcodes", "outcodes")
	ctx, progress := stopAfter(t, 1)
	rows := read(t, f, districts()).Accepted
	if _, err := importing.Apply(ctx, d, f, compare(t, d, f, rows), quiet, progress); err == nil {
		t.Fatal("the import was not interrupted")
	}
	u, err := importing.Undo(t.Context(), d, runs(t, d)[0].ID, quiet)
	if err != nil || u.Restored == 0 || count(t, d, `SELECT COUNT(*) FROM import_stage`) != 0 {
		t.Errorf("%+v, %v, and %d records left", u, err, count(t, d, `SELECT COUNT(*) FROM import_stage`))
	}
}

// The event that closes an undo counts the records that were left alone: there may be very many, and the events of its
// chunks name them.
func TestTheLastEventOfAnUndoCounts(t *testing.T) {
	d := dbtest.Open(t, schema.Files, clocktest.At(noon))
	f := format(t, "postcodes", "outcodes")
	id := apply(t, d, f, read(t, f, districts()).Accepted)
	apply(t, d, f, read(t, f, strings.ReplaceAll(districts(), "-2.1", "-2.2")).Accepted)
	u, err := importing.Undo(t.Context(), d, id, quiet)
	if err != nil || u.Restored != 0 || len(u.Untouched) != 600 {
		t.Fatalf("%d restored, %d kept, %v", u.Restored, len(u.Untouched), err)
	}
	last := count(t, d, `SELECT MAX(LENGTH(after_json)) FROM event_detail WHERE event_id IN
		(SELECT id FROM event WHERE kind = 'import.undone')`)
	if last == 0 || last > 200 {
		t.Errorf("the last event has %d characters", last)
	}
}

func TestAnImportThatLostItsRowsSaysSo(t *testing.T) {
	d := dbtest.Open(t, schema.Files, clocktest.At(noon))
	f := format(t, "postcodes", "outcodes")
	ctx, progress := stopAfter(t, 1)
	rows := read(t, f, districts()).Accepted
	if _, err := importing.Apply(ctx, d, f, compare(t, d, f, rows), quiet, progress); err == nil {
		t.Fatal("the import was not interrupted")
	}
	err := d.Keep(t.Context(), func(k *db.K) error {
		_, err := k.Exec(t.Context(), `DELETE FROM import_stage`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	id := runs(t, d)[0].ID
	if err := importing.Resume(t.Context(), d, id, quiet); err == nil || !strings.Contains(err.Error(), "lost") {
		t.Errorf("resumed without its rows: %v", err)
	}
	if u, err := importing.Undo(t.Context(), d, id, quiet); err != nil || u.Restored == 0 || len(u.Untouched) != 0 {
		t.Errorf("undo of the half: %+v, %v", u, err)
	}
}

func TestNothingToChangeMakesNoImport(t *testing.T) {
	d := dbtest.Open(t, schema.Files, clocktest.At(noon))
	f := format(t, "services", "pharmacies")
	rows := read(t, f, dirtyPharmacies).Accepted
	if id := apply(t, d, f, rows); id == "" {
		t.Fatal("the first import has no id")
	}
	events := count(t, d, `SELECT COUNT(*) FROM event`)
	if id := apply(t, d, f, rows); id != "" {
		t.Errorf("the second import has id %s", id)
	}
	if now := count(t, d, `SELECT COUNT(*) FROM event`); now != events || len(runs(t, d)) != 1 {
		t.Errorf("the second import left %d events and %d imports", now-events, len(runs(t, d)))
	}
}

func apply(t *testing.T, d *db.DB, f importing.Format, rows []importing.Accepted) string {
	t.Helper()
	id, err := importing.Apply(t.Context(), d, f, compare(t, d, f, rows), quiet, quiet)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func serviceOf(t *testing.T, d *db.DB, key string) (id string) {
	t.Helper()
	err := d.View(t.Context(), func(r db.R) (err error) {
		id, err = db.Value[string](t.Context(), r, `SELECT id FROM service WHERE source_key = $1`, key)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestUndoKeepsWhatPeoplePutIn(t *testing.T) {
	d := dbtest.Open(t, schema.Files, clocktest.At(noon))
	f := format(t, "services", "pharmacies")
	one := apply(t, d, f, read(t, f, dirtyPharmacies).Accepted)
	if err := directory.SetCapacity(t.Context(), d, actor.ForCommand("test"), serviceOf(t, d, "pharmacies:FA001"),
		directory.Amber, "few staff", 0, ""); err != nil {
		t.Fatal(err)
	}
	u, err := importing.Undo(t.Context(), d, one, quiet)
	if err != nil || u.Restored != 1 || len(u.Untouched) != 1 || u.Untouched[0] != "pharmacies:FA001" {
		t.Errorf("undo: %+v, %v; want the service with a capacity kept and named", u, err)
	}
	if n := count(t, d, `SELECT COUNT(*) FROM service WHERE capacity = 'AMBER'`); n != 1 {
		t.Error("the capacity that people set went with the undo")
	}
}

func TestWhatAnImportChangesIsInTheHistory(t *testing.T) {
	d := dbtest.Open(t, schema.Files, clocktest.At(noon))
	f := format(t, "services", "pharmacies")
	one := apply(t, d, f, read(t, f, dirtyPharmacies).Accepted)
	text := strings.NewReplacer("Good Pharmacy", "Better Pharmacy", "08:00-00:00,CLOSED",
		"08:00-20:00,CLOSED").Replace(dirtyPharmacies)
	two := apply(t, d, f, read(t, f, text).Accepted)
	id := serviceOf(t, d, "pharmacies:FA001")
	past := history(t, d, id)
	if len(past) != 2 || past[0].By != "import of pharmacies" {
		t.Fatalf("history %+v, want the name and the hours", past)
	}
	fields := past[0].Field + " " + past[1].Field
	if !strings.Contains(fields, "Name") || !strings.Contains(fields, "Opening hours") {
		t.Errorf("history of %s", fields)
	}
	for _, id := range []string{two, one} {
		if u, err := importing.Undo(t.Context(), d, id, quiet); err != nil || len(u.Untouched) != 0 {
			t.Errorf("undo: %+v, %v", u, err)
		}
	}
	if n := count(t, d, `SELECT COUNT(*) FROM service`) + count(t, d, `SELECT COUNT(*) FROM service_history`); n != 0 {
		t.Errorf("%d services and their history left after both undos", n)
	}
}

func history(t *testing.T, d *db.DB, id string) (past []directory.HistoryEntry) {
	t.Helper()
	err := d.View(t.Context(), func(r db.R) (err error) {
		past, _, err = directory.History(t.Context(), r, id, 0, 10)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return past
}

// A record that is new is not looked for once more before it is written: each look is a journey to the database.
func TestNewRecordsAreLookedForOnce(t *testing.T) {
	d := dbtest.Open(t, schema.Files, clocktest.At(noon))
	f := format(t, "services", "pharmacies")
	plan := compare(t, d, f, read(t, f, dirtyPharmacies).Accepted)
	looks := 0
	for _, sql := range dbtest.Statements(t, d, func() {
		if _, err := importing.Apply(t.Context(), d, f, plan, quiet, quiet); err != nil {
			t.Fatal(err)
		}
	}) {
		if strings.Contains(sql, "FROM service WHERE source_key = $1") {
			looks++
		}
	}
	if looks != plan.Added {
		t.Errorf("%d looks for %d new records", looks, plan.Added)
	}
}

package db_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/db/intact"
	"signpost/internal/platform/fault"
)

// books are tables of which one refers to the other, beside those of the other tests.
var books = fstest.MapFS{
	"202611249001_test.sql": tables["202611249001_test.sql"],
	"202611249002_books.sql": {Data: []byte(`-- +goose Up
CREATE TABLE book (id TEXT PRIMARY KEY);
CREATE TABLE page (id BIGINT PRIMARY KEY, book TEXT REFERENCES book (id));
INSERT INTO book (id) VALUES ('b1');
INSERT INTO page (id, book) VALUES (2, 'b1'), (3, NULL);
`)}}

// problemsOf checks a database and gives what is wrong by check, and how much each looked at.
func problemsOf(t *testing.T, source string) (problems map[string][]string, looked map[string]int64) {
	t.Helper()
	list, err := db.Check(t.Context(), db.Options{Source: source, Migrations: books, Clock: clock.System{}})
	if err != nil {
		t.Fatal(err)
	}
	problems = map[string][]string{}
	looked = map[string]int64{}
	for _, f := range list {
		looked[f.Check] = f.Looked
		if len(f.Problems) > 0 {
			problems[f.Check] = f.Problems
		}
	}
	return problems, looked
}

// withEvents makes a database of a hundred events, and gives where it is.
func withEvents(t *testing.T, spoil ...string) (source string) {
	t.Helper()
	source = dbtest.Source(t, books)
	fill(t, dbtest.Reopen(t, source, books, clock.System{}), spoil...)
	return source
}

// fill records a hundred events and adds a thing, spoils what it is told to, and closes the database.
func fill(t *testing.T, d *db.DB, spoil ...string) {
	t.Helper()
	err := d.Update(t.Context(), ann, func(w *db.W) error {
		for range 100 {
			if err := w.Record(t.Context(), told); err != nil {
				return err
			}
		}
		return addThing(t.Context(), w, "t1", "lamp")
	})
	if err != nil {
		t.Fatal(err)
	}
	run(t, d, spoil...)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
}

// A database that is whole is found so, and each way in which one can be broken is found.
func TestWhatACheckFinds(t *testing.T) {
	const page = `INSERT INTO page (id, book) VALUES (1, 'none')`
	lost := []string{"PRAGMA foreign_keys=0", page}
	if dbtest.Server() != "" {
		lost = []string{`BEGIN; SET LOCAL session_replication_role = replica; ` + page + `; COMMIT`}
	}
	for _, tt := range []struct {
		name, check, problem string
		spoil                []string
	}{
		{"whole", "", "", nil},
		{"a detail that was changed", "events", "is not what was written",
			[]string{`UPDATE event_detail SET reason = 'other' WHERE after_json LIKE '%lamp%'`}},
		{"a detail that was erased", "", "", []string{`DELETE FROM event_detail WHERE after_json LIKE '%lamp%'`}},
		{"an event that was lost", "events", "is gone", []string{`DELETE FROM event WHERE kind = 'thing.added'`}},
		{"a page of no book", "references", "refer", lost},
		{"a migration from the future", "migrations", "209901010001",
			[]string{`INSERT INTO goose_db_version (version_id, is_applied) VALUES (209901010001, TRUE)`}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			problems, looked := problemsOf(t, withEvents(t, tt.spoil...))
			if looked["events"] < 100 || looked["references"] == 0 || looked["migrations"] < 10 {
				t.Errorf("looked at %v", looked)
			}
			found := strings.Join(problems[tt.check], " ")
			if tt.check != "" && len(problems) != 1 || !strings.Contains(found, tt.problem) {
				t.Errorf("problems %q, want one of %q that says %q", problems, tt.check, tt.problem)
			}
			if tt.check == "" && len(problems) != 0 {
				t.Errorf("problems %q, want none", problems)
			}
		})
	}
}

// An index that was left half made is found on PostgreSQL, where indexes are made while others write.
func TestAnIndexLeftHalfMade(t *testing.T) {
	if dbtest.Server() == "" {
		t.Skip("there is no server")
	}
	source := withEvents(t, `UPDATE pg_index SET indisvalid = FALSE WHERE indexrelid = 'thing_name_key'::regclass`)
	problems, _ := problemsOf(t, source)
	if len(problems["indexes"]) != 1 || !strings.Contains(problems["indexes"][0], "thing_name_key") {
		t.Errorf("problems %q", problems)
	}
}

// damagedFile makes an SQLite file of which a page with rows was overwritten, or its beginning.
func damagedFile(t *testing.T, beginning bool) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "test.db")
	dbtest.File(t, path, tables)
	fill(t, dbtest.Reopen(t, path, tables, clock.System{}))
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const pageSize = 4096
	at := 0
	if !beginning {
		at = bytes.LastIndex(content, []byte("lamp")) / pageSize * pageSize
	}
	copy(content[at:], strings.Repeat("damage! ", pageSize/8))
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A file that is damaged is refused before anything in it is used, in one line with its cure, and a check says why.
func TestADamagedFileIsNotUsed(t *testing.T) {
	for name, beginning := range map[string]bool{"in the middle": false, "at its beginning": true} {
		path := damagedFile(t, beginning)
		_, err := db.Open(t.Context(), db.Options{
			Source: path, Migrations: tables, Clock: clock.System{}, Look: time.Minute,
		})
		if f, _ := fault.From(err); f == nil || !strings.Contains(f.Message, "is damaged") || f.Cure == "" {
			t.Errorf("%s: err = %v", name, err)
		}
		list, err := db.Check(t.Context(), db.Options{Source: path, Migrations: tables, Clock: clock.System{}})
		if err != nil || !anyProblem(list) {
			t.Errorf("%s: a check finds nothing: %+v, %v", name, list, err)
		}
	}
}

// What a check meets on its way through a damaged file is a problem, wherever it meets it.
func TestDamageIsAProblemWhereverItIsMet(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	dbtest.File(t, path, tables)
	fill(t, dbtest.Reopen(t, path, tables, clock.System{}))
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	const pageSize = 4096
	found := 0
	for at := pageSize; at < len(whole); at += 4 * pageSize {
		content := bytes.Clone(whole)
		copy(content[at:], strings.Repeat("damage! ", 64))
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		list, err := db.Check(t.Context(), db.Options{Source: path, Migrations: tables, Clock: clock.System{}})
		if err != nil {
			t.Errorf("page %d: %v", at/pageSize+1, err)
		}
		if anyProblem(list) {
			found++
		}
	}
	if found < len(whole)/pageSize/8 {
		t.Errorf("a check finds %d damaged pages of some %d", found, len(whole)/pageSize/4)
	}
}

// A database of another program, and an empty one, are told from ours; one of an earlier version is whole.
func TestDatabasesThatAreNotOfThisVersion(t *testing.T) {
	source := withEvents(t)
	d := dbtest.Reopen(t, source, books, clock.System{})
	run(t, d, `DROP TABLE goose_db_version`)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	problems, _ := problemsOf(t, source)
	if got := problems["migrations"]; len(got) != 1 || !strings.Contains(got[0], "another program's") {
		t.Errorf("of another program: %q", problems)
	}
	source = withEvents(t)
	d = dbtest.Reopen(t, source, books, clock.System{})
	run(t, d, `DROP TABLE event_address`, `DROP TABLE event_erased`, `DROP INDEX event_of_refusal`,
		`DELETE FROM goose_db_version WHERE version_id >= 202611280090 AND version_id < 202611281000`)
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	problems, looked := problemsOf(t, source)
	if len(problems) > 0 || looked["events"] < 100 {
		t.Errorf("of an earlier version: %d events, %q", looked["events"], problems)
	}
}

func anyProblem(list []intact.Finding) bool {
	for _, f := range list {
		if len(f.Problems) > 0 {
			return true
		}
	}
	return false
}

// A file that cannot be looked through in time is used, and said to be so.
func TestALargeFileIsNotLookedThrough(t *testing.T) {
	path := filepath.Join(t.TempDir(), "test.db")
	dbtest.File(t, path, tables)
	for look, want := range map[time.Duration]bool{0: false, time.Nanosecond: true, time.Minute: false} {
		d, err := db.Open(t.Context(), db.Options{
			Source: path, Migrations: tables, Clock: clock.System{}, Look: look,
		})
		if err != nil {
			t.Fatalf("looked for %s: %v", look, err)
		}
		if d.Unlooked() != want {
			t.Errorf("looked for %s: unlooked is %v", look, d.Unlooked())
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

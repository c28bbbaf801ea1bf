package db_test

import (
	"database/sql"
	_ "embed"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/jackc/pgx/v5/pgxpool"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
)

// run runs statements as nobody but a migration may.
func run(t *testing.T, d *db.DB, statements ...string) {
	t.Helper()
	for _, statement := range statements {
		var err error
		switch native := d.Native().(type) {
		case *sql.DB:
			_, err = native.ExecContext(t.Context(), statement)
		case *pgxpool.Pool:
			_, err = native.Exec(t.Context(), statement)
		}
		if err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
}

const oldEvent = `INSERT INTO event (id, kind, actor_kind, actor_id, actor_role, subject_kind, subject_id, request_id, at, digest)
	SELECT id || 'KIND', 'KIND', actor_kind, actor_id, actor_role, subject_kind, subject_id, 'r9', at, digest
	FROM event WHERE kind = 'thing.added'`

// The migrations under test. The test takes them back and runs their text alone, so that migrations which came later
// neither run again nor are missing.
var (
	//go:embed ground/202611280020_event_refused.sql
	refusedColumn string
	//go:embed ground/202611280021_event_of_refusal.sql
	marking string
)

// A database whose events did not yet say whether something was refused keeps finding what was.
func TestRefusalsFromBeforeTheirMarkAreFound(t *testing.T) {
	source := dbtest.Source(t, tables)
	before := openAt(t, source)
	err := before.Update(t.Context(), ann, func(w *db.W) error { return addThing(t.Context(), w, "t1", "lamp") })
	if err != nil {
		t.Fatal(err)
	}
	run(t, before, `DROP INDEX event_of_refusal`, `DROP INDEX event_of_refused_subject`,
		`ALTER TABLE event DROP COLUMN refused`,
		`CREATE INDEX event_of_refusal ON event (request_id) WHERE kind LIKE '%.refused'`)
	for _, kind := range []string{"signin.refused", "account.email-refused", "account.added"} {
		run(t, before, strings.ReplaceAll(oldEvent, "KIND", kind))
	}
	run(t, before, refusedColumn)
	for statement := range strings.SplitSeq(marking, ";\n") {
		run(t, before, strings.ReplaceAll(statement, "CONCURRENTLY", ""))
	}
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	after := openAt(t, source)
	defer func() { _ = after.Close() }()
	kinds, err := db.Read(t.Context(), after, func(r db.R) (kinds []audit.Kind, err error) {
		list, err := audit.Refusals(t.Context(), r, "r9")
		for _, e := range list {
			kinds = append(kinds, e.Kind)
		}
		return kinds, err
	})
	slices.Sort(kinds)
	if want := []audit.Kind{"account.email-refused", "signin.refused"}; err != nil || !slices.Equal(kinds, want) {
		t.Errorf("found %q, %v; want %q", kinds, err, want)
	}
	if n := count(t, after, `SELECT COUNT(*) FROM event WHERE NOT refused`); n != 2 {
		t.Errorf("%d events are not marked, want 2", n)
	}
}

func openAt(t *testing.T, source string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{Source: source, Migrations: tables, Clock: clocktest.At(noon)})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A database of a later version is refused, and nothing in it is changed.
func TestADatabaseOfALaterVersionIsRefused(t *testing.T) {
	source := dbtest.Empty(t, dbtest.Plain)
	later := fstest.MapFS{"209901010001_later.sql": {Data: []byte("-- +goose Up\nCREATE TABLE later (id TEXT);\n")}}
	for _, tt := range []struct {
		migrations fstest.MapFS
		refused    bool
	}{{later, false}, {fstest.MapFS{}, true}, {later, false}} {
		d, err := db.Open(t.Context(), db.Options{Source: source, Migrations: tt.migrations, Clock: clock.System{}})
		if refused := errors.Is(err, fault.Conflict); refused != tt.refused {
			t.Fatalf("refused is %v: %v", refused, err)
		}
		if err != nil {
			continue
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

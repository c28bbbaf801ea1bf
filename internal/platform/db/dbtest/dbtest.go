// Package dbtest gives tests a database of their own: SQLite in a temporary folder, or, where
// TEST_POSTGRES holds the URL of a server, a fresh PostgreSQL database there. The same tests run on
// both. A server that is named but cannot be reached fails the test.
//
// A test's database is a copy of one that was migrated already, the tables of jobs with it, and its updates do
// not wait for the disk.
package dbtest

import (
	"context"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/random"
)

// Server is the URL of the PostgreSQL server to test on, or empty for SQLite.
func Server() string { return os.Getenv("TEST_POSTGRES") }

// Open gives a new, migrated database that goes away with the test.
func Open(t testing.TB, migrations fs.FS, c clock.Clock) *db.DB {
	t.Helper()
	d := Reopen(t, Source(t, migrations), migrations, c)
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close test database: %v", err)
		}
	})
	return d
}

// Source names a new, migrated database for Reopen, for tests that open one more than once.
func Source(t testing.TB, migrations fs.FS) string {
	t.Helper()
	if Server() != "" {
		return copyOfTemplate(t, migrations)
	}
	path := filepath.Join(t.TempDir(), "test.db")
	File(t, path, migrations)
	return path
}

// Reopen opens a database that Source named. The test closes it.
func Reopen(t testing.TB, source string, migrations fs.FS, c clock.Clock) *db.DB {
	t.Helper()
	counted := &counter{}
	d, err := db.Open(t.Context(), db.Options{
		Patience: time.Minute, // machines that run tests may be slow
		Source:   source, Migrations: migrations, Clock: c, Throwaway: true, Observe: counted.tell,
	})
	if err != nil {
		t.Fatalf("open test database: %v", err)
	}
	counters.Store(d, counted)
	t.Cleanup(func() { counters.Delete(d) })
	disturbable(d)
	return d
}

// Plain is how a PostgreSQL database is created for Signpost.
const Plain = "TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8' ENCODING 'UTF8'"

// Empty names a new database for db.Open in which nothing was migrated yet. On PostgreSQL it is created
// with the given clauses; Plain are the right ones.
func Empty(t testing.TB, clauses string) string {
	t.Helper()
	if Server() == "" {
		return filepath.Join(t.TempDir(), "test.db")
	}
	conn := connect(t)
	defer func() { _ = conn.Close(context.Background()) }()
	return create(t, conn, clauses)
}

func connect(t testing.TB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(context.Background(), Server())
	if err != nil {
		t.Fatalf("TEST_POSTGRES is set but cannot be reached: %v", err)
	}
	return conn
}

// create makes a database that goes away with the test.
func create(t testing.TB, conn *pgx.Conn, clauses string) (source string) {
	t.Helper()
	name := "test_" + strings.ReplaceAll(random.ID(), "-", "")
	exec(context.Background(), t, conn, "CREATE DATABASE "+name+" "+clauses)
	t.Cleanup(func() { drop(t, name) })
	return sourceOf(t, name)
}

func sourceOf(t testing.TB, name string) string {
	t.Helper()
	u, err := url.Parse(Server())
	if err != nil {
		t.Fatalf("TEST_POSTGRES is not a URL: %v", err)
	}
	u.Path = "/" + name
	return u.String()
}

func exec(ctx context.Context, t testing.TB, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(ctx, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func drop(t testing.TB, name string) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, Server())
	if err != nil {
		t.Errorf("drop %s: %v", name, err)
		return
	}
	defer func() { _ = conn.Close(ctx) }()
	exec(ctx, t, conn, "DROP DATABASE "+name+" WITH (FORCE)")
}

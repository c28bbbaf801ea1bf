// Package dbtest gives tests a database of their own: SQLite in a temporary folder, or, where
// TEST_POSTGRES holds the URL of a server, a fresh PostgreSQL database there. The same tests run on
// both. A server that is named but cannot be reached fails the test.
package dbtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

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
	d, err := db.Open(t.Context(), db.Options{Source: Source(t, migrations), Migrations: migrations, Clock: c})
	if err != nil {
		t.Fatalf("open test database: %v", err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close test database: %v", err)
		}
	})
	return d
}

// Source names a new database for db.Open, for tests that open one more than once.
func Source(t testing.TB, migrations fs.FS) string {
	t.Helper()
	if Server() == "" {
		return filepath.Join(t.TempDir(), "test.db")
	}
	return copyOfTemplate(t, migrations)
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

var templates sync.Mutex

// copyOfTemplate makes a database from one that has the migrations already; that one is made once.
func copyOfTemplate(t testing.TB, migrations fs.FS) string {
	t.Helper()
	ctx, conn := context.Background(), connect(t)
	defer func() { _ = conn.Close(ctx) }()
	return create(t, conn, "TEMPLATE "+templateFor(ctx, t, conn, migrations))
}

func templateFor(ctx context.Context, t testing.TB, conn *pgx.Conn, migrations fs.FS) string {
	t.Helper()
	templates.Lock()
	defer templates.Unlock()
	name := "template_" + fingerprint(t, migrations)
	exec(ctx, t, conn, "SELECT pg_advisory_lock(730111)") // other test programs make templates too
	defer exec(ctx, t, conn, "SELECT pg_advisory_unlock(730111)")
	var there bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)", name).Scan(&there); err != nil {
		t.Fatalf("look for template: %v", err)
	}
	if there {
		return name
	}
	exec(ctx, t, conn, "CREATE DATABASE "+name+" "+Plain)
	d, err := db.Open(ctx, db.Options{Source: sourceOf(t, name), Migrations: migrations, Clock: clock.System{}})
	if err != nil {
		t.Fatalf("migrate template: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatalf("close template: %v", err)
	}
	return name
}

// fingerprint tells sets of migrations apart, the ground's included, since that is compiled in.
func fingerprint(t testing.TB, migrations fs.FS) string {
	t.Helper()
	h := sha256.New()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	h.Write([]byte(program))
	names, err := fs.Glob(migrations, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			t.Fatal(err)
		}
		h.Write([]byte(name))
		h.Write(text)
	}
	return hex.EncodeToString(h.Sum(nil))[:24]
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

package dbtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
)

// templates keeps two tests from making one template at the same time.
var templates sync.Mutex

// files are the templates of SQLite, by fingerprint.
var files = map[string][]byte{}

// File makes a migrated SQLite database at a path, for programs that keep theirs in a folder. It is a copy of one
// that the test program made once.
func File(t testing.TB, path string, migrations fs.FS) {
	t.Helper()
	templates.Lock()
	defer templates.Unlock()
	name := fingerprint(t, migrations)
	if files[name] == nil {
		files[name] = migratedFile(t, migrations)
	}
	if err := os.WriteFile(path, files[name], 0o600); err != nil {
		t.Fatalf("copy template: %v", err)
	}
}

func migratedFile(t testing.TB, migrations fs.FS) []byte {
	t.Helper()
	path := filepath.Join(t.TempDir(), "template.db")
	migrate(t, path, migrations)
	template, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		t.Fatalf("read template: %v", err)
	}
	return template
}

// migrate makes all tables of a database: the ground's, the side's own, and those of jobs.
func migrate(t testing.TB, source string, migrations fs.FS) {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, db.Options{Source: source, Migrations: migrations, Clock: clock.System{}, Throwaway: true})
	if err != nil {
		t.Fatalf("migrate template: %v", err)
	}
	_, err = job.Open(ctx, d, job.NewWorkers(), slog.New(slog.DiscardHandler))
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatalf("migrate template: %v", err)
	}
}

// copyOfTemplate makes a database from one that has the migrations already; that one is made once.
func copyOfTemplate(t testing.TB, migrations fs.FS) string {
	t.Helper()
	ctx := context.Background()
	conn := connect(t)
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
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT 1 FROM pg_database WHERE datname = $1)",
		name).Scan(&there); err != nil {
		t.Fatalf("look for template: %v", err)
	}
	if there {
		return name
	}
	exec(ctx, t, conn, "CREATE DATABASE "+name+" "+Plain)
	migrate(t, sourceOf(t, name), migrations)
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

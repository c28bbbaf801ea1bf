package dbtest

import (
	"io/fs"
	"testing"
	"testing/fstest"

	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
)

// eventPrepared is recorded when a test made what it needs.
const eventPrepared audit.Kind = "test.prepared"

// Upgraded makes a database by the first few migrations, as a release left it, with rows that fn put there,
// and opens it with all of them.
func Upgraded(t testing.TB, migrations fs.FS, first []string, c clock.Clock, fn func(w *db.W) error) *db.DB {
	t.Helper()
	old := fstest.MapFS{}
	for _, name := range first {
		text, err := fs.ReadFile(migrations, name)
		if err != nil {
			t.Fatal(err)
		}
		old[name] = &fstest.MapFile{Data: text}
	}
	source := Empty(t, Plain)
	before := opened(t, source, old, c)
	err := before.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		if err := fn(w); err != nil {
			return err
		}
		return w.Record(t.Context(), audit.Event{Kind: eventPrepared})
	})
	if err != nil {
		t.Fatalf("prepare the old database: %v", err)
	}
	if err := before.Close(); err != nil {
		t.Fatalf("close the old database: %v", err)
	}
	after := opened(t, source, migrations, c)
	t.Cleanup(func() {
		if err := after.Close(); err != nil {
			t.Errorf("close test database: %v", err)
		}
	})
	return after
}

func opened(t testing.TB, source string, migrations fs.FS, c clock.Clock) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{Source: source, Migrations: migrations, Clock: c})
	if err != nil {
		t.Fatalf("open test database: %v", err)
	}
	return d
}

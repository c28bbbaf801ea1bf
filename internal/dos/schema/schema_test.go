package schema_test

import (
	"io/fs"
	"testing"
	"testing/fstest"
	"time"

	"signpost/internal/dos/schema"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
)

// first are the migrations of the first release.
var first = []string{"202611240100_account.sql", "202611240110_directory.sql"}

// upgraded makes a database as the first release left it, with rows that fn put there, and opens it with
// every migration since.
func upgraded(t *testing.T, c clock.Clock, fn func(w *db.W) error) *db.DB {
	t.Helper()
	old := fstest.MapFS{}
	for _, name := range first {
		text, err := fs.ReadFile(schema.Files, name)
		if err != nil {
			t.Fatal(err)
		}
		old[name] = &fstest.MapFile{Data: text}
	}
	source := dbtest.Empty(t, dbtest.Plain)
	before := open(t, source, old, c)
	err := before.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		if err := fn(w); err != nil {
			return err
		}
		return w.Record(t.Context(), audit.Event{Kind: "test.prepared"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	now := open(t, source, schema.Files, c)
	t.Cleanup(func() { _ = now.Close() })
	return now
}

func open(t *testing.T, source string, files fs.FS, c clock.Clock) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), db.Options{Source: source, Migrations: files, Clock: c})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Waves and who belongs to them are kept.
func TestWavesOfTheFirstReleaseAreKept(t *testing.T) {
	noon := clock.At(time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC))
	d := upgraded(t, noon, func(w *db.W) error {
		const add = `INSERT INTO rollout_wave (id, name, phase) VALUES ('1', 'north', $1)`
		if _, err := w.Exec(t.Context(), add, int(path.Require)); err != nil {
			return err
		}
		_, err := w.Exec(t.Context(), `INSERT INTO rollout_member (account_id, wave_id) VALUES ('ada', '1')`)
		return err
	})
	err := d.View(t.Context(), func(r db.R) error {
		v, err := wave.Of(t.Context(), r, "ada")
		if v.Name != "north" || v.Phase != path.Require {
			t.Errorf("the wave is %+v", v)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

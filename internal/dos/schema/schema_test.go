package schema_test

import (
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"signpost/internal/dos/schema"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/once"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// upgraded makes a database as the first release left it, and opens it with every migration since.
func upgraded(t *testing.T, fn func(w *db.W) error) *db.DB {
	t.Helper()
	first := []string{"202611240100_account.sql", "202611240110_directory.sql"}
	return dbtest.Upgraded(t, schema.Files, first, clock.At(noon), fn)
}

// Waves and who belongs to them are kept.
func TestWavesOfTheFirstReleaseAreKept(t *testing.T) {
	d := upgraded(t, func(w *db.W) error {
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

// A logout token that was used before the upgrade stays used.
func TestLogoutTokensOfTheFirstReleaseStayUsed(t *testing.T) {
	ends := noon.Add(time.Minute)
	d := upgraded(t, func(w *db.W) error {
		digest := sha256.Sum256([]byte("17"))
		_, err := w.Exec(t.Context(), `INSERT INTO signin_logout_token (digest, ends_at) VALUES ($1, $2)`, digest[:], ends)
		return err
	})
	use := func(id string) error {
		token := once.Thing{Kind: "logout-token", ID: id, Ends: ends}
		return d.Jot(t.Context(), func(k *db.K) error { return token.Use(t.Context(), k) })
	}
	if err := use("17"); !errors.Is(err, once.ErrUsed) {
		t.Errorf("the used token: %v", err)
	}
	if err := use("18"); err != nil {
		t.Errorf("another token: %v", err)
	}
}

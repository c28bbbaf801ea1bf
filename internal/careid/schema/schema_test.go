package schema_test

import (
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"signpost/internal/careid/schema"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/once"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// upgraded makes a database as the first release left it, and opens it with every migration since.
func upgraded(t *testing.T, fn func(w *db.W) error) *db.DB {
	t.Helper()
	first := []string{
		"202611240200_identity.sql", "202611240220_provider.sql", "202611240230_key.sql", "202611260100_authenticator_use.sql",
		"202611260110_provider_code.sql",
	}
	return dbtest.Upgraded(t, schema.Files, first, clock.At(noon), fn)
}

// Tokens that were used before the upgrade stay used.
func TestTokensOfTheFirstReleaseStayUsed(t *testing.T) {
	ends := noon.Add(time.Minute)
	digest := func(text string) []byte {
		sum := sha256.Sum256([]byte(text))
		return sum[:]
	}
	d := upgraded(t, func(w *db.W) error {
		_, err := w.Exec(t.Context(), `INSERT INTO console_logout_token (digest, ends_at) VALUES ($1, $2)`, digest("17"), ends)
		if err != nil {
			return err
		}
		_, err = w.Exec(t.Context(), `INSERT INTO extract_token (digest, ends_at) VALUES ($1, $2)`, digest("dos 17"), ends)
		return err
	})
	for _, used := range []once.Thing{{Kind: "logout-token", ID: "17"}, {Kind: "extract-token", ID: "dos 17"}} {
		used.Ends = ends
		use := func() error {
			return d.Jot(t.Context(), func(k *db.K) error { return used.Use(t.Context(), k) })
		}
		if err := use(); !errors.Is(err, once.ErrUsed) {
			t.Errorf("%s: %v", used.Kind, err)
		}
		used.ID = "18"
		if err := use(); err != nil {
			t.Errorf("another %s: %v", used.Kind, err)
		}
	}
}

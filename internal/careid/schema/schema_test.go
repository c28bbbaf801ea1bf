package schema_test

import (
	"errors"
	"io/fs"
	"slices"
	"testing"
	"time"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/schema"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/once"
	"signpost/internal/platform/random"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// upgradedBefore makes a database as it was before a migration, and opens it with that one and every one since.
func upgradedBefore(t *testing.T, migration string, fn func(w *db.W) error) *db.DB {
	t.Helper()
	names, err := fs.Glob(schema.Files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	first := slices.DeleteFunc(names, func(name string) bool { return name >= migration })
	return dbtest.Upgraded(t, schema.Files, first, clocktest.At(noon), fn)
}

// upgraded makes a database as the first release left it, and opens it with every migration since.
func upgraded(t *testing.T, fn func(w *db.W) error) *db.DB {
	t.Helper()
	first := []string{
		"202611240200_identity.sql", "202611240220_provider.sql", "202611240230_key.sql",
		"202611260100_authenticator_use.sql", "202611260110_provider_code.sql",
	}
	return dbtest.Upgraded(t, schema.Files, first, clocktest.At(noon), fn)
}

// A code that was mailed before the upgrade has ended, and counts among those that were asked for.
func TestMailedCodesOfTheFirstReleaseHaveEnded(t *testing.T) {
	const add = `INSERT INTO identity_email_code (uuid, email, email_canonical, code_digest, made_at, ends_at, asks)
		VALUES ('17', 'ada@nhs.net', 'ada@nhs.net', $1, $2, $3, 5)`
	d := upgraded(t, func(w *db.W) error {
		_, err := w.Exec(t.Context(), add, []byte("digest"), noon, noon.Add(time.Minute))
		return err
	})
	const kept = `SELECT COUNT(*) FROM mailed_code WHERE purpose = 'identity.email' AND subject = '17' AND asks = 5`
	err := d.View(t.Context(), func(r db.R) error {
		if _, err := identity.PendingEmail(t.Context(), r, actor.Actor{}, "17"); !errors.Is(err, fault.NotFound) {
			t.Errorf("the code: %v", err)
		}
		n, err := db.Value[int64](t.Context(), r, kept)
		if n != 1 {
			t.Errorf("%d rows keep the count", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Tokens that were used before the upgrade stay used.
func TestTokensOfTheFirstReleaseStayUsed(t *testing.T) {
	ends := noon.Add(time.Minute)
	d := upgraded(t, func(w *db.W) error {
		const logout = `INSERT INTO console_logout_token (digest, ends_at) VALUES ($1, $2)`
		_, err := w.Exec(t.Context(), logout, random.Digest("17"), ends)
		if err != nil {
			return err
		}
		const asked = `INSERT INTO extract_token (digest, ends_at) VALUES ($1, $2)`
		if _, err = w.Exec(t.Context(), asked, random.Digest("dos 17"), ends); err != nil {
			return err
		}
		const assertion = `INSERT INTO provider_jti (client_id, jti_digest, ends_at) VALUES ('rota', $1, $2)`
		_, err = w.Exec(t.Context(), assertion, random.Digest("17"), ends)
		return err
	})
	for _, used := range []once.Thing{
		{Kind: "logout-token", ID: "17"}, {Kind: "extract-token", ID: "dos 17"}, {Kind: "client-assertion rota", ID: "17"},
	} {
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

// Clients that people could log in to before they had to be approved are approved, and suspended ones are on trial.
func TestClientsOfTheFirstReleaseAreApproved(t *testing.T) {
	const add = `INSERT INTO provider_client (client_id, team_id, settings, status, version, registered_at)
		VALUES ($1, 'rota', '{"client_name":"Rota"}', $2, 1, $3)`
	d := upgraded(t, func(w *db.W) error {
		for id, status := range map[string]string{"1": "active", "2": "suspended"} {
			if _, err := w.Exec(t.Context(), add, id, status, noon.Add(-time.Hour)); err != nil {
				return err
			}
		}
		return nil
	})
	err := d.View(t.Context(), func(r db.R) error {
		list, err := client.All(t.Context(), r)
		if len(list) != 2 || list[0].OnTrial() || !list[1].OnTrial() || list[0].Waits() {
			t.Errorf("after the upgrade: %+v", list)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

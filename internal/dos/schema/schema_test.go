package schema_test

import (
	"errors"
	"testing"
	"time"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/dos/directory/importing"
	"signpost/internal/dos/schema"
	"signpost/internal/dos/wave"
	"signpost/internal/national/path"
	"signpost/internal/platform/clock/clocktest"
	"signpost/internal/platform/db"
	"signpost/internal/platform/db/dbtest"
	"signpost/internal/platform/mailcode"
	"signpost/internal/platform/once"
	"signpost/internal/platform/random"
)

var noon = time.Date(2026, 11, 26, 12, 0, 0, 0, time.UTC)

// upgraded makes a database in the state of the first release, and opens it with every later migration.
func upgraded(t *testing.T, fn func(w *db.W) error) *db.DB {
	t.Helper()
	first := []string{"202611240100_account.sql", "202611240110_directory.sql"}
	return dbtest.Upgraded(t, schema.Files, first, clocktest.At(noon), fn)
}

// An upgrade keeps waves and their members.
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

// A code that was mailed before the upgrade no longer works, but counts towards the limit of codes.
func TestMailedCodesOfTheFirstReleaseHaveEnded(t *testing.T) {
	const add = `INSERT INTO account_code (account_id, purpose, email, digest, ends_at, asks)
		VALUES ('ada', $1, 'ada@nhs.net', $2, $3, 5)`
	d := upgraded(t, func(w *db.W) error {
		for _, purpose := range []string{"email", "link"} {
			if _, err := w.Exec(t.Context(), add, purpose, []byte("digest"), noon.Add(time.Minute)); err != nil {
				return err
			}
		}
		return nil
	})
	const countCodes = `SELECT COUNT(*) FROM mailed_code WHERE purpose = $1 AND subject = 'ada' AND asks = 5`
	err := d.View(t.Context(), func(r db.R) error {
		for _, p := range []mailcode.Purpose{account.ForEmail, account.ForLink} {
			if to, err := mailcode.Awaited(t.Context(), r, p, account.Ref("ada")); err != nil || len(to) != 0 {
				t.Errorf("%s: %v, %v", p.Name, to, err)
			}
			if n, err := db.Value[int64](t.Context(), r, countCodes, p.Name); err != nil || n != 1 {
				t.Errorf("%s: %d rows keep the count, %v", p.Name, n, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// A logout token that was used before the upgrade stays used.
func TestLogoutTokensOfTheFirstReleaseStayUsed(t *testing.T) {
	ends := noon.Add(time.Minute)
	d := upgraded(t, func(w *db.W) error {
		const add = `INSERT INTO signin_logout_token (digest, ends_at) VALUES ($1, $2)`
		_, err := w.Exec(t.Context(), add, random.Digest("17"), ends)
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

const oldService = `INSERT INTO service (id, uid, source_key, name, public_name, words, type_id, status, ods_code,
	address, postcode, approximate, public_phone, professional_phone, email, web, all_hours, hours, capacity,
	capacity_notes, capacity_by, changed_at) VALUES ($1, $1, $2, $1, '', '', 13, 1, '', '', '', FALSE, '', '', '', '',
	FALSE, $3, 'GREEN', '', '', $4)`

// The list of pharmacies has no hours for bank holidays: pharmacies that were imported as closed on them become not
// known, unless people have entered the hours. An end at 23:59 is midnight. An import from before the upgrade can
// still be undone.
func TestHoursOfTheFirstRelease(t *testing.T) {
	const week = "09:00-23:59|00:00-00:00|||||08:00-00:00|"
	d := upgraded(t, func(w *db.W) error {
		for id, hours := range map[string]string{"imported": week, "edited": week, "given": week + "10:00-12:00",
			"none": "", "staff": week} {
			var key any
			if id != "staff" {
				key = "pharmacies:" + id
			}
			if _, err := w.Exec(t.Context(), oldService, id, key, hours, noon); err != nil {
				return err
			}
		}
		_, err := w.Exec(t.Context(), `INSERT INTO service_history (id, service_id, field, before, after, changed_by,
			changed_by_kind, changed_at) VALUES ('1', 'edited', 'Opening hours', '', '', 'Ann', 'person', $1)`, noon)
		if err != nil {
			return err
		}
		if _, err := w.Exec(t.Context(), `INSERT INTO import (id, kind, begun_at, total, written, finished_at)
			VALUES ('run', 'services pharmacies', $1, 1, 1, $1)`, noon); err != nil {
			return err
		}
		_, err = w.Exec(t.Context(), `INSERT INTO import_change (import_id, number, record_key, before, after)
			VALUES ('run', 1, 'pharmacies:imported', '', $1)`,
			`{"name":"imported","type":13,"ods_code":"","address":"","postcode":"","hours":"`+week+`"}`)
		return err
	})
	const now = "09:00-24:00|00:00-24:00|||||08:00-24:00|"
	for id, want := range map[string]string{"imported": now + "?", "edited": now, "given": now + "10:00-12:00",
		"none": "", "staff": now} {
		s, err := db.Read(t.Context(), d, func(r db.R) (directory.Service, error) {
			return directory.ByID(t.Context(), r, id)
		})
		if err != nil || s.Hours.String() != want {
			t.Errorf("%s: %q, %v; want %q", id, s.Hours, err, want)
		}
	}
	if u, err := importing.Undo(t.Context(), d, "run", func(int, int) {}); err != nil || u.Restored != 1 {
		t.Errorf("undo of an import of before: %+v, %v", u, err)
	}
}

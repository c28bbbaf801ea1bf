package schema_test

import (
	"errors"
	"slices"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/directory"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
	"signpost/internal/platform/searchname"
)

const (
	serviceBefore = `INSERT INTO service (id, uid, name, public_name, words, type_id, status, ods_code, address, postcode,
		approximate, public_phone, professional_phone, email, web, all_hours, hours, capacity, capacity_notes,
		capacity_by, changed_at)
		VALUES ('s', '1', 'Siân’s', 'O''Brien-Jones', ' siâns o brien jones', 13, 1, '', '', '', FALSE, '', '', '', '',
		FALSE, '', 'green', '', '', 0)`
	accountBefore = `INSERT INTO account (id, username, first_name, last_name, email, email_key, email_since, shared,
		web_service_only, active, password_hash, organisation, created_at)
		VALUES ('a', 'sian.obrien', 'Siân', 'O''Brien', 'so@nhs.net', 'so@nhs.net', 0, FALSE, FALSE, TRUE, '', 'ZTR',
		0)`
)

// Services and accounts from before names were folded are found as new ones are, soon after the upgrade.
func TestNamesOfTheFirstReleaseAreFolded(t *testing.T) {
	d := upgraded(t, func(w *db.W) error {
		if _, err := w.Exec(t.Context(), serviceBefore); err != nil {
			return err
		}
		_, err := w.Exec(t.Context(), accountBefore)
		return err
	})
	ws := job.NewWorkers()
	account.Work(ws, d)
	directory.Work(ws, d)
	queue := jobtest.Start(t, d, ws)
	err := d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		return errors.Join(w.Enqueue(t.Context(), account.WordsJob{}), w.Enqueue(t.Context(), directory.WordsJob{}))
	})
	if err != nil {
		t.Fatal(err)
	}
	jobtest.Settle(t, queue)
	words, err := db.Read(t.Context(), d, func(r db.R) (string, error) {
		return db.Value[string](t.Context(), r, `SELECT words FROM service WHERE NOT unfolded`)
	})
	if want := searchname.Of("Siân’s O'Brien-Jones"); err != nil || words != want {
		t.Errorf("the service is found by %q, %v, want %q", words, err, want)
	}
	for _, typed := range []string{"sian", "brien", "OBRIEN sian", "so@nhs.net", "ztr sian"} {
		found, err := db.Read(t.Context(), d, func(r db.R) (account.Results, error) {
			return account.Find(t.Context(), r, account.Search{Within: account.Reach{Everywhere: true}, Words: typed}, account.Place{}, 10)
		})
		if err != nil || !slices.ContainsFunc(found.Accounts, func(f account.Found) bool { return f.ID == "a" }) {
			t.Errorf("%q finds %v, %v", typed, found, err)
		}
	}
}

package schema_test

import (
	"errors"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/job"
	"signpost/internal/platform/job/jobtest"
)

const usernameBefore = `INSERT INTO account (id, username, first_name, last_name, email, email_key, email_since, shared,
	web_service_only, active, password_hash, organisation, created_at)
	VALUES ($1, $1, '', '', $1, '', 0, FALSE, FALSE, TRUE, '', 'ZTR', 0)`

// finds says which account each typed username finds; an empty one is none.
func finds(t *testing.T, d *db.DB, when string, want map[string]string) {
	t.Helper()
	for typed, id := range want {
		a, err := db.Read(t.Context(), d, func(r db.R) (account.Account, error) {
			return account.ByUsername(t.Context(), r, typed)
		})
		if a.ID != id || err != nil && !errors.Is(err, fault.NotFound) {
			t.Errorf("%s, %q finds %q, %v; want %q", when, typed, a.ID, err, id)
		}
	}
}

// Usernames of the first release that differ in case alone stay two accounts: each comes in by its exact username,
// until one is renamed. All others come in in any case.
func TestUsernamesOfTheFirstReleaseMayClash(t *testing.T) {
	d := upgraded(t, func(w *db.W) error {
		for _, username := range []string{"MSmith", "msmith", "Bo"} {
			if _, err := w.Exec(t.Context(), usernameBefore, username); err != nil {
				return err
			}
		}
		return nil
	})
	finds(t, d, "before they are folded", map[string]string{"MSmith": "MSmith", "msmith": "msmith", "Bo": "Bo"})
	ws := job.NewWorkers()
	account.Work(ws, d)
	queue := jobtest.Start(t, d, ws)
	update := func(fn func(w *db.W) error) error { return d.Update(t.Context(), actor.ForCommand("test"), fn) }
	if err := update(func(w *db.W) error { return w.Enqueue(t.Context(), account.UsernamesJob{}) }); err != nil {
		t.Fatal(err)
	}
	jobtest.Settle(t, queue)
	finds(t, d, "folded", map[string]string{
		"MSmith": "MSmith", "msmith": "msmith", "MSMITH": "", "Msmith": "", "bo": "Bo", "BO": "Bo",
	})
	list, err := db.Read(t.Context(), d, func(r db.R) ([]account.Account, error) {
		return account.Clashing(t.Context(), r)
	})
	if err != nil || len(list) != 2 || list[0].ID != "MSmith" || list[1].ID != "msmith" {
		t.Errorf("listed: %+v, %v", list, err)
	}
	events, err := db.Read(t.Context(), d, func(r db.R) ([]audit.Entry, error) {
		return audit.OfKind(t.Context(), r, "account.username-clashes", 10)
	})
	if err != nil || len(events) != 1 {
		t.Errorf("events: %+v, %v", events, err)
	}
	err = update(func(w *db.W) error {
		_, err := account.Add(t.Context(), w, account.New{Username: "MSMITH", Email: "m.smith@nhs.net"})
		return err
	})
	if !errors.Is(err, fault.Invalid) {
		t.Errorf("a third one: %v", err)
	}
	err = update(func(w *db.W) error { return account.Rename(t.Context(), w, "msmith", "m.smith", "clash") })
	if err != nil {
		t.Fatal(err)
	}
	finds(t, d, "renamed", map[string]string{
		"MSmith": "MSmith", "msmith": "MSmith", "MSMITH": "MSmith", "m.smith": "msmith", "M.Smith": "msmith",
	})
}

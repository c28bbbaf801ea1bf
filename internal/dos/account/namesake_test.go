package account_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/dos/account/namesake"
	"signpost/internal/platform/db"
)

// Accounts of one name at one organisation are listed in pairs once they were noted, as long as they are so.
func TestNamesakes(t *testing.T) {
	w := newWorld(t)
	ids := map[string]string{}
	for username, is := range map[string]account.New{
		"ann1":  {FirstName: "Ann", LastName: "Smith", Organisation: "N1", Region: "r1"},
		"ann2":  {FirstName: "ANN", LastName: "smith", Organisation: "N1", Region: "r1"},
		"ann3":  {FirstName: "Ann", LastName: "Smith", Organisation: "N1", Region: "r2"},
		"ann4":  {FirstName: "Ann", LastName: "Smith", Organisation: "N2", Region: "r1"},
		"sian":  {FirstName: "Siân", LastName: "O’Brien-Jones", Organisation: "N1", Region: "r3"},
		"sian2": {FirstName: "Sian", LastName: "OBRIEN JONES", Organisation: "N1", Region: "r3"},
		"neil":  {FirstName: "Neil", LastName: "Hall", Organisation: "N1"},
		"nell":  {FirstName: "Nell", LastName: "Hall", Organisation: "N1"},
		"bob1":  {FirstName: "Bob", LastName: "Smith", Organisation: "N1", Region: "r1"},
		"bob2":  {FirstName: "Bob", LastName: "Smith", Organisation: "N1", Kind: account.Shared},
		"noor":  {FirstName: "Noor", Organisation: "N1"}, "noor2": {FirstName: "Noor", Organisation: "N1"},
	} {
		is.Username = username
		is.Email = username + "@example.nhs.uk"
		w.Must(w.update(func(ctx context.Context, u *db.W) error {
			a, err := account.Add(ctx, u, is)
			ids[a.ID] = username
			return err
		}))
	}
	list := func(within account.Reach) (pairs []string) {
		found, err := db.Read(t.Context(), w.DB, func(r db.R) ([]namesake.Pair, error) {
			return account.ListNamesakes(t.Context(), r, within, 10)
		})
		w.Must(err)
		for _, p := range found {
			both := []string{ids[p.One.ID], ids[p.Other.ID]}
			slices.Sort(both)
			pairs = append(pairs, fmt.Sprint(both))
		}
		slices.Sort(pairs)
		return pairs
	}
	if got := list(everybody); len(got) != 0 {
		t.Errorf("before they were noted: %v", got)
	}
	w.Must(namesake.Note(t.Context(), w.DB))
	if got, want := list(everybody), []string{"[ann1 ann2]", "[ann1 ann3]", "[ann2 ann3]", "[sian sian2]"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for _, where := range []account.Reach{{Regions: []string{"r1"}}, {Regions: []string{"r1"}, Organisations: []string{"N2"}}} {
		if got, want := list(where), []string{"[ann1 ann2]"}; !slices.Equal(got, want) {
			t.Errorf("within %+v: %v, want %v", where, got, want)
		}
	}
	w.Must(w.update(func(ctx context.Context, u *db.W) error {
		for id, username := range ids {
			if username == "ann1" {
				return account.Deactivate(ctx, u, id, "left")
			}
		}
		return nil
	}))
	if got, want := list(everybody), []string{"[ann2 ann3]", "[sian sian2]"}; !slices.Equal(got, want) {
		t.Errorf("after one left: %v, want %v", got, want)
	}
	w.Must(namesake.Note(t.Context(), w.DB))
	if n := w.Count(`SELECT COUNT(*) FROM account WHERE namesake_key <> ''`); n != 4 {
		t.Errorf("%d are noted after one left", n)
	}
	events := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'account.namesakes-noted'`)
	w.Must(namesake.Note(t.Context(), w.DB))
	if n := w.Count(`SELECT COUNT(*) FROM event WHERE kind = 'account.namesakes-noted'`); n != events {
		t.Errorf("%d events where nothing changed, %d before", n, events)
	}
}

// However many accounts elsewhere have namesakes, those within a reach are listed.
func TestNamesakesBehindManyElsewhere(t *testing.T) {
	w := newWorld(t)
	// Each account at A1 to A6000 has a namesake in another region; those at B1 have one in their own.
	const many = `INSERT INTO account (id, username, username_key, first_name, last_name, email, email_key, email_since,
		shared, web_service_only, active, password_hash, organisation, created_at, unfolded, region, namesake_key)
		WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 6001)
		SELECT r || n, r || n, r || n, 'Ann', 'Smith', r || n || '@example.nhs.uk', r || n || '@example.nhs.uk', 0,
		FALSE, FALSE, TRUE, '', CASE WHEN n > 6000 THEN 'B1' ELSE 'A' || n END, 0, FALSE,
		CASE WHEN n > 6000 THEN 'one' ELSE r END, 'annsmith'
		FROM numbers CROSS JOIN (SELECT 'one' AS r UNION ALL SELECT 'two') regions`
	w.Must(w.update(func(ctx context.Context, u *db.W) error {
		_, err := u.Exec(ctx, many)
		return err
	}))
	found, err := db.Read(t.Context(), w.DB, func(r db.R) ([]namesake.Pair, error) {
		return account.ListNamesakes(t.Context(), r, account.Reach{Regions: []string{"one"}}, 10)
	})
	w.Must(err)
	if len(found) != 1 || found[0].One.ID != "one6001" || found[0].Other.ID != "two6001" {
		t.Errorf("%v", found)
	}
}

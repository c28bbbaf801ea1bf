package account_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

func TestAccountsAreFoundByUsernameAndName(t *testing.T) {
	w := newWorld(t)
	for _, n := range []account.New{
		{Username: "sian.obrien", FirstName: "Siân", LastName: "O'Brien"},
		{Username: "msj01", FirstName: "Mary", LastName: "Smith-Jones"},
	} {
		w.Must(w.update(func(ctx context.Context, u *db.W) error {
			n.Email = n.Username + "@example.nhs.uk"
			n.Organisation = "ZTR"
			_, err := account.Add(ctx, u, n)
			return err
		}))
	}
	for typed, want := range map[string][]string{
		"sian": {"sian.obrien"}, "brien": {"sian.obrien"}, "sian.obrien": {"sian.obrien"}, "MSJ01": {"msj01"},
		"smith jones": {"msj01"}, "mary smithjones": {"msj01"}, "s zt": {"msj01", "sian.obrien"}, "rien": nil,
		"msj01@example.nhs.uk": {"msj01"}, "MSJ01@Exa": {"msj01"}, "mary msj01@": {"msj01"}, "sian msj01@": nil,
		"example": nil, "@example.nhs.uk": nil, "ztr": {"msj01", "sian.obrien"}, "sian y99": nil,
	} {
		if usernames := found(w, account.Search{Within: everybody, Words: typed}); !slices.Equal(usernames, want) {
			t.Errorf("%q finds %q, want %q", typed, usernames, want)
		}
	}
}

// found gives the usernames of the accounts that a search finds.
func found(w *world, s account.Search) (usernames []string) {
	w.Helper()
	results, err := db.Read(w.Context(), w.DB, func(r db.R) (account.Results, error) {
		return account.Find(w.Context(), r, s, account.Place{}, 10)
	})
	w.Must(err)
	if results.Total != len(results.Accounts) {
		w.Errorf("%d are counted of %d", results.Total, len(results.Accounts))
	}
	for _, f := range results.Accounts {
		usernames = append(usernames, f.Username)
	}
	return usernames
}

// Every kind that an account can be of is found by it, and the rest is not.
func TestAccountsAreFoundByKind(t *testing.T) {
	w := newWorld(t)
	var all []account.Account
	for i, n := range []account.New{{}, {Kind: account.Shared}, {Kind: account.Machine}} {
		n.Username = fmt.Sprintf("user%d", i)
		n.Email = n.Username + "@example.nhs.uk"
		w.Must(w.update(func(ctx context.Context, u *db.W) error {
			a, err := account.Add(ctx, u, n)
			all = append(all, a)
			return err
		}))
	}
	w.Must(w.update(func(ctx context.Context, u *db.W) error {
		a, err := account.Add(ctx, u, account.New{Username: "user9", Email: "user9@example.nhs.uk"})
		a.Active = false
		all = append(all, a)
		return errors.Join(err, account.Deactivate(ctx, u, a.ID, "left"))
	}))
	for _, kind := range []account.Kind{account.Individual, account.Shared, account.Machine, "other"} {
		var want []string
		for _, a := range all {
			if a.Kind == kind {
				want = append(want, a.Username)
			}
		}
		if got := found(w, account.Search{Within: everybody, Words: "user", Kind: kind}); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", kind, got, want)
		}
	}
}

// What nearly every account has is not searched for.
func TestVagueSearchesAreRefused(t *testing.T) {
	w := newWorld(t)
	for words, refused := range map[string]bool{
		"": false, " ": false, "'": true, "%": true, "_": true, "a b": true, "ab": false, "@": false, "a@b": false,
		"500000000017": false,
	} {
		err := w.DB.View(t.Context(), func(r db.R) error {
			_, err := account.Find(t.Context(), r, account.Search{Within: everybody, Words: words}, account.Place{}, 10)
			return err
		})
		if errors.Is(err, fault.Invalid) != refused || !refused && err != nil {
			t.Errorf("%q: %v", words, err)
		}
	}
}

const (
	manyWords = `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 5001)
		INSERT INTO account_word (word, account_id) SELECT 'user' || n, 'x' || n FROM numbers`
	oneWord = `INSERT INTO account_word (word, account_id) SELECT 'rare', id FROM account`
)

// A word that thousands have finds nobody by itself, and those who have another word with it.
func TestWordsOfThousandsNeedAnother(t *testing.T) {
	w := newWorld(t)
	w.Must(w.update(func(ctx context.Context, u *db.W) error {
		_, err := account.Add(ctx, u, account.New{Username: "user0", Email: "user0@example.nhs.uk"})
		_, many := u.Exec(ctx, manyWords)
		_, one := u.Exec(ctx, oneWord)
		return errors.Join(err, many, one)
	}))
	if got := found(w, account.Search{Within: everybody, Words: "user rare"}); !slices.Contains(got, "user0") {
		t.Errorf("with another word: %q", got)
	}
	err := w.DB.View(t.Context(), func(r db.R) error {
		_, err := account.Find(t.Context(), r, account.Search{Within: everybody, Words: "user"}, account.Place{}, 10)
		return err
	})
	if !errors.Is(err, fault.Invalid) {
		t.Errorf("by itself: %v", err)
	}
}

func TestNamesOfAccountsMustBeSeen(t *testing.T) {
	w := newWorld(t)
	for _, n := range []account.New{
		{Username: "a\u202eda"}, {Username: "ada", FirstName: "Ada\u2066"}, {Username: "ada", LastName: "Example\u0085"},
	} {
		n.Email = "ada@example.nhs.uk"
		err := w.update(func(ctx context.Context, u *db.W) error {
			_, err := account.Add(ctx, u, n)
			return err
		})
		if !errors.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", n, err)
		}
	}
}

package account_test

import (
	"context"
	"errors"
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
			_, err := account.Add(ctx, u, n)
			return err
		}))
	}
	for typed, want := range map[string][]string{
		"sian": {"sian.obrien"}, "brien": {"sian.obrien"}, "sian.obrien": {"sian.obrien"}, "MSJ01": {"msj01"},
		"smith jones": {"msj01"}, "mary smithjones": {"msj01"}, "s": {"msj01", "sian.obrien"}, "": nil, "rien": nil,
	} {
		found, err := db.Read(t.Context(), w.DB, func(r db.R) ([]account.Account, error) {
			return account.ByName(t.Context(), r, typed, 10)
		})
		var usernames []string
		for _, a := range found {
			usernames = append(usernames, a.Username)
		}
		if err != nil || !slices.Equal(usernames, want) {
			t.Errorf("%q finds %q, %v; want %q", typed, usernames, err, want)
		}
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

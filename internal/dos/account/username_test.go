package account_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"signpost/internal/dos/account"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/worldtest"
)

func TestFoldUsername(t *testing.T) {
	for _, tt := range []struct {
		other string
		same  bool
	}{
		{"msmith", true}, {"MSMITH", true}, {"MSmith", true}, {" msmith ", true},
		{"ｍｓｍｉｔｈ", true},       // wide letters
		{"m\u017fmith", true},  // a long s
		{"msm\u0130th", false}, // a capital I with a dot, which is a letter of its own
		{"msm\u0131th", false}, // a small i without one
		{"msmi\u200bth", false}, {"\u043csmith", false},
		{"msmyth", false}, {"m smith", false}, {"m.smith", false}, {"msmíth", false}, {"", false},
	} {
		if got := account.FoldUsername(tt.other) == account.FoldUsername("MSmith"); got != tt.same {
			t.Errorf("%q is the same as MSmith: %v, want %v", tt.other, got, tt.same)
		}
	}
	if account.FoldUsername("\u212aate") != account.FoldUsername("kate") {
		t.Error("the sign of Kelvin is another letter than k")
	}
	if account.FoldUsername("e\u0301va") != account.FoldUsername("ÉVA") {
		t.Error("an accent of its own makes another username")
	}
}

func FuzzFoldUsername(f *testing.F) {
	for _, seed := range []string{"MSmith", "ﬁ", "İ", "ß", "ΐ", "\u1e9e", "Ω", "ǆ", "\u0345"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		once := account.FoldUsername(typed)
		if twice := account.FoldUsername(once); twice != once {
			t.Errorf("%q folds to %q, and that to %q", typed, once, twice)
		}
	})
}

func (w *world) username(typed string) (string, error) {
	a, err := db.Read(w.Context(), w.DB, func(r db.R) (account.Account, error) {
		return account.ByUsername(w.Context(), r, typed)
	})
	return a.Username, err
}

// A username is one person's, however it is typed, and stands everywhere as it was typed at first.
func TestUsernamesAreOneInAnyCase(t *testing.T) {
	w := newWorld(t)
	a := w.account("MSmith", "m.smith@nhs.net")
	for _, typed := range []string{"MSmith", "msmith", "MSMITH", "ｍsmith", "msmith "} {
		if found, err := w.username(typed); err != nil || found != "MSmith" {
			t.Errorf("%q finds %q, %v", typed, found, err)
		}
	}
	if _, err := w.username("msmit"); !errors.Is(err, fault.NotFound) {
		t.Errorf("a part of it: %v", err)
	}
	if all := found(w, account.Search{Within: everybody, Words: "msmith"}); len(all) != 1 || all[0] != "MSmith" {
		t.Errorf("a search finds %q", all)
	}
	var y worldtest.Tally
	for _, username := range []string{"msmith", "MSMITH", "ｍsmith"} {
		err := w.update(func(ctx context.Context, u *db.W) error {
			_, err := account.Add(ctx, u, account.New{Username: username, Email: "another@nhs.net"})
			return err
		})
		y.Refused(t, username, err == nil)
		if !errors.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", username, err)
		}
	}
	y.Report(t, "usernames that differ in case")
	w.Must(w.update(func(ctx context.Context, u *db.W) error {
		return account.Rename(ctx, u, a.ID, "msmith", "she asked")
	}))
	if found, err := w.username("MSMITH"); err != nil || found != "msmith" {
		t.Errorf("after it was renamed: %q, %v", found, err)
	}
}

// Of several accounts that are added at once with one username, one is.
func TestOneUsernameAtOnce(t *testing.T) {
	w := newWorld(t)
	usernames := []string{"msmith", "MSmith", "MSMITH", "mSmith"}
	var all sync.WaitGroup
	results := make(chan error, 16)
	for i := range 16 {
		all.Go(func() {
			results <- w.update(func(ctx context.Context, u *db.W) error {
				_, err := account.Add(ctx, u, account.New{Username: usernames[i%len(usernames)], Kind: account.Shared,
					Email: "team@nhs.net"})
				return err
			})
		})
	}
	all.Wait()
	close(results)
	added := 0
	for err := range results {
		if err == nil {
			added++
		} else if !errors.Is(err, fault.Invalid) {
			t.Errorf("one that lost: %v", err)
		}
	}
	if n := w.Count(`SELECT COUNT(*) FROM account`); n != 1 || added != 1 {
		t.Errorf("%d accounts, %d told so", n, added)
	}
}

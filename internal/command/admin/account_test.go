package admin_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"signpost/internal/command/cli"
	"signpost/internal/dos/account"
	"signpost/internal/dos/schema"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
)

// Of two who manage users everywhere the command line lets one go, and never the last who can come in.
func TestAdminAccount(t *testing.T) {
	h := neverUsed(t)
	d, err := db.Open(t.Context(), db.Options{Source: filepath.Join(h.Data, "dos.db"), Migrations: schema.Files,
		Clock: clock.System{}})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		for _, username := range []string{"joseph", "bea", "cy"} {
			n := account.New{Username: username, FirstName: username, Email: username + "@nhs.net",
				PasswordHash: "a hash", Grants: slices.Concat(account.UserAdministrator.In(account.Everywhere),
					account.UserAdministrator.In(account.OwnOrganisation))}
			if _, err := account.Add(t.Context(), w, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		words []string
		says  string
		exit  int
	}{
		{[]string{"take-group", "nobody", "DoS lead"}, "no account with that username", cli.ExitFailed},
		{[]string{"take-group", "bea", "DoS lead"}, "does not have that group", cli.ExitFailed},
		{[]string{"take-group", "bea", "DoS user administrator"}, "was taken away from the account of bea", cli.ExitDone},
		{[]string{"deactivate", "cy", "--reason="}, "--reason", cli.ExitUsage},
		{[]string{"deactivate", "cy", "--reason", "left"}, "The account of cy is deactivated", cli.ExitDone},
		{[]string{"deactivate", "joseph", "--reason", "left"}, "without an administrator", cli.ExitFailed},
		{[]string{"take-group", "joseph", "DoS user administrator"}, "without an administrator", cli.ExitFailed},
		{[]string{"organisation", "bea", "?", "--reason", "moved"}, "CODE must be an ODS code", cli.ExitUsage},
		{[]string{"organisation", "bea", "rxk", "--reason="}, "--reason", cli.ExitUsage},
		{[]string{"organisation", "bea", "rxk", "--reason", "moved"}, "The account of bea belongs to RXK", cli.ExitDone},
	} {
		out, errs, code := run(t, h.On(append([]string{"admin", "account"}, tt.words...)...)...)
		if code != tt.exit || !strings.Contains(out+errs, tt.says) {
			t.Errorf("%v: exit %d: %s", tt.words, code, out+errs)
		}
	}
	takenAtOnce(t, d)
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// takenAtOnce checks that a group was taken away in all its scopes in one change.
func takenAtOnce(t *testing.T, d *db.DB) {
	t.Helper()
	taken, err := db.Read(t.Context(), d, func(r db.R) ([]audit.Entry, error) {
		bea, err := account.ByUsername(t.Context(), r, "bea")
		if err != nil {
			return nil, err
		}
		return audit.Of(t.Context(), r, account.Ref(bea.ID), 10, account.GroupTaken)
	})
	if err != nil || len(taken) != 2 || taken[0].At != taken[1].At {
		t.Errorf("taken away: %+v, %v", taken, err)
	}
}

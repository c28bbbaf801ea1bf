package admin_test

import (
	"path/filepath"
	"strings"
	"testing"

	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/dos/account"
	"signpost/internal/dos/schema"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
)

// The commands list usernames that differ in case alone, and change one.
func TestAdminUsername(t *testing.T) {
	h := commandtest.NewSystem(t, "")
	source := filepath.Join(h.Data, "dos.db")
	d, err := db.Open(t.Context(), db.Options{Source: source, Migrations: schema.Files, Clock: clock.System{}})
	if err != nil {
		t.Fatal(err)
	}
	err = d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		for _, username := range []string{"MSmith", "other", "bo"} {
			n := account.New{Username: username, FirstName: "Mary", Email: username + "@nhs.net"}
			if _, err := account.Add(t.Context(), w, n); err != nil {
				return err
			}
		}
		// As an upgrade leaves two of before.
		const clash = `UPDATE account SET username_clashes = TRUE, username_key = 'msmith',
			username = CASE username WHEN 'other' THEN 'msmith' ELSE username END WHERE username <> 'bo'`
		_, err := w.Exec(t.Context(), clash)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		words string
		says  string
		exit  int
	}{
		{"clashes", "MSmith  Mary  MSmith@nhs.net", cli.ExitDone},
		{"change MSMITH m.smith --reason called", "no account with that username", cli.ExitFailed},
		{"change msmith BO --reason called", "this one is taken", cli.ExitFailed},
		{"change msmith m.smith --reason=", "--reason", cli.ExitUsage},
		{"change msmith m.smith --reason called", "The username of Mary is now m.smith.", cli.ExitDone},
		{"clashes", "No usernames differ only in capital and small letters.", cli.ExitDone},
		{"clashes --json", `"clashes":[]`, cli.ExitDone},
	} {
		words := append([]string{"admin", "username"}, strings.Fields(tt.words)...)
		out, errs, code := run(t, h.On(words...)...)
		if code != tt.exit || !strings.Contains(out+errs, tt.says) {
			t.Errorf("%s: exit %d: %s", tt.words, code, out+errs)
		}
	}
	err = d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		// As an upgrade leaves one until a job has looked at it.
		if _, err := w.Exec(t.Context(), `UPDATE account SET username_key = NULL WHERE username = 'bo'`); err != nil {
			return err
		}
		return w.Record(t.Context(), audit.Event{Kind: "account.changed", Subject: account.Ref("bo")})
	})
	if err != nil {
		t.Fatal(err)
	}
	out, errs, code := run(t, h.On("admin", "username", "clashes")...)
	if code != cli.ExitDone || !strings.Contains(out, "still to be compared: 1") ||
		strings.Contains(out, "No usernames") {
		t.Errorf("while one waits: exit %d: %s", code, out+errs)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

package admin_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/team"
	"signpost/internal/careid/schema"
	"signpost/internal/command"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
)

// run runs the command line and gives what it printed and its exit code.
func run(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	return commandtest.Main(command.Main).Run(t, args...)
}

func TestAdminOperator(t *testing.T) {
	h := commandtest.NewSystem(t, "")
	d, err := db.Open(t.Context(), db.Options{Source: filepath.Join(h.Data, "careid.db"), Migrations: schema.Files, Clock: clock.System{}})
	if err != nil {
		t.Fatal(err)
	}
	var i identity.Identity
	err = d.Update(t.Context(), actor.ForCommand("test"), func(w *db.W) error {
		i, err = identity.Add(t.Context(), w, identity.New{GivenName: "Olu", FamilyName: "Example", AssuranceLevel: 3, Organisation: "Z90001"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	admin := func(number string) (string, int) {
		out, errs, code := run(t, h.On("admin", "operator", number)...)
		return out + errs, code
	}
	for _, number := range []string{i.UUID, i.UUID[:4] + " " + i.UUID[4:8] + " " + i.UUID[8:]} {
		if said, code := admin(number); code != cli.ExitDone || !strings.Contains(said, "Olu Example is an operator") {
			t.Errorf("exit %d: %s", code, said)
		}
	}
	if said, code := admin("123456789012"); code != cli.ExitFailed ||
		!strings.Contains(said, "no Care Identity with that number") {
		t.Errorf("nobody: exit %d: %s", code, said)
	}
	err = d.View(t.Context(), func(r db.R) error {
		members, _, err := team.Members(t.Context(), r, team.Operators, 0, 10)
		if len(members) != 1 || members[0].UUID != i.UUID {
			t.Errorf("operators are %+v", members)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
}

// A command about one record, run in the wrong folder, says so and makes nothing there.
func TestCommandsAboutOneRecordMakeNoSystem(t *testing.T) {
	h := commandtest.NewSystem(t, "")
	data := filepath.Join(t.TempDir(), "data")
	for _, words := range [][]string{
		{"admin", "operator", "123456789012"},
		{"admin", "client", "suspend", "100000000001.apps.national"},
		{"admin", "client", "resume", "100000000001.apps.national"},
		{"admin", "unlock", "123456789012", "--reason", "typed wrongly"},
		{"admin", "username", "clashes"},
		{"admin", "username", "change", "MSmith", "m.smith", "--reason", "asked"},
	} {
		_, errs, code := run(t, append(words, "--config", h.Config, "--data", data)...)
		if code != cli.ExitFailed || !strings.Contains(errs, "There is no system in "+data+". Start it first") {
			t.Errorf("%v: exit %d: %s", words, code, errs)
		}
		if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("%v made a folder: %v", words, err)
		}
	}
}

package command

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/team"
	"signpost/internal/careid/schema"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
)

func TestAdminOperator(t *testing.T) {
	h := newKeysHouse(t, "")
	d, err := db.Open(t.Context(), db.Options{Source: filepath.Join(h.data, "careid.db"), Migrations: schema.Files, Clock: clock.System{}})
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
		out, errs, code := run(t, "admin", "operator", number, "--config", h.config, "--data", h.data)
		return out + errs, code
	}
	for _, number := range []string{i.UUID, i.UUID[:4] + " " + i.UUID[4:8] + " " + i.UUID[8:]} {
		if said, code := admin(number); code != exitDone || !strings.Contains(said, "Olu Example is an operator") {
			t.Errorf("exit %d: %s", code, said)
		}
	}
	if said, code := admin("123456789012"); code != exitFailed ||
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

// What reads, run in a folder where nothing was started, says so in one line with its cure, and makes nothing there.
func TestCommandsInAnEmptyFolder(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	const noSystem = "There is no system in "
	for words, want := range map[string]string{
		"keys list": noSystem, "keys rotate": noSystem, "import list": "There are no imports yet.",
		"serve": "Name it: signpost serve --config signpost.toml.", "version": "signpost",
	} {
		args := strings.Fields(words)
		if words != "version" {
			args = append(args, "--data", data)
		}
		out, errs, _ := run(t, args...)
		if said := out + errs; !strings.Contains(said, want) || strings.Count(errs, "\n") > 1 ||
			strings.Contains(said, "no such file") {
			t.Errorf("%s: %s", words, said)
		}
		if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("%s made a folder: %v", words, err)
		}
	}
}

// A system whose master key went is told from a folder without one.
func TestTheMasterKeyIsMissing(t *testing.T) {
	data := t.TempDir()
	if err := os.WriteFile(filepath.Join(data, "careid.db"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, errs, code := run(t, "keys", "list", "--data", data)
	if code != exitFailed || !strings.Contains(errs, "master.key is missing. Bring it back from its copy") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// A command about one record, run in the wrong folder, says so and makes nothing there.
func TestCommandsAboutOneRecordMakeNoSystem(t *testing.T) {
	h := newKeysHouse(t, "")
	data := filepath.Join(t.TempDir(), "data")
	for _, words := range [][]string{
		{"admin", "operator", "123456789012"},
		{"admin", "client", "suspend", "100000000001.apps.national"},
		{"admin", "client", "resume", "100000000001.apps.national"},
		{"admin", "unlock", "123456789012", "--reason", "typed wrongly"},
		{"admin", "username", "clashes"},
		{"admin", "username", "change", "MSmith", "m.smith", "--reason", "asked"},
	} {
		_, errs, code := run(t, append(words, "--config", h.config, "--data", data)...)
		if code != exitFailed || !strings.Contains(errs, "There is no system in "+data+". Name the folder") {
			t.Errorf("%v: exit %d: %s", words, code, errs)
		}
		if _, err := os.Stat(data); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("%v made a folder: %v", words, err)
		}
	}
}

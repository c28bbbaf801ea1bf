package command

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/config"
)

// What reads, run in a folder where nothing was started, says so in one line with its cure, and makes nothing there.
func TestCommandsInAnEmptyFolder(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	const noSystem = "There is no system in "
	for words, want := range map[string]string{
		"keys list": noSystem, "keys rotate": noSystem, "import list": "There are no imports yet: there is no system in ",
		"serve": "Name it: --config signpost.toml.", "doctor": "Name it: --config signpost.toml.", "version": "signpost",
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
	if code != cli.ExitFailed || !strings.Contains(errs, "master.key is missing. Bring it back from its copy") {
		t.Errorf("exit %d: %s", code, errs)
	}
}

// Commands that only read leave no folder and no database behind.
func TestReadingMakesNothing(t *testing.T) {
	folder := t.TempDir()
	data := filepath.Join(folder, "data")
	good := commandtest.Write(t, "good.csv", "postcode,latitude,longitude\nM1,53.4775,-2.2333\n")
	bad := commandtest.Write(t, "bad.csv", "postcode,latitude\nM1,53.4775\n")
	none := commandtest.Write(t, "none.csv", "postcode,latitude,longitude\nM1,0,0\n")
	for _, args := range [][]string{{"import", good}, {"import", "postcodes", good}, {"import", bad, "--apply"},
		{"import", none, "--apply"}, {"import", "list"}, {"import", "undo", "01"}, {"import", "resume", "01"},
		{"keys", "list"}, {"doctor"}} {
		out, errs, _ := run(t, append(args, "--data", data)...)
		if _, err := os.Stat(data); err == nil {
			t.Fatalf("%v made %s: %s%s", args, data, out, errs)
		}
		if out+errs == "" {
			t.Errorf("%v says nothing", args)
		}
	}
	if _, errs, code := run(t, "import", "undo", "01", "--data", data); code != cli.ExitFailed ||
		!strings.Contains(errs, "There is no import 01, nor a directory in ") {
		t.Errorf("undo where nothing is: exit %d, %s", code, errs)
	}
	if _, errs, code := run(t, "import", good, "--data", data, "--apply"); code != cli.ExitDone {
		t.Errorf("the honest twin: exit %d, %s", code, errs)
	}
	if _, err := app.OpenBox(config.Usual(data), true); err != nil {
		t.Fatal(err)
	}
	if out, errs, code := run(t, "keys", "list", "--data", data); code != cli.ExitDone ||
		!strings.Contains(out, "no signing keys yet") {
		t.Errorf("keys of a system that was never served: exit %d, %s%s", code, out, errs)
	}
	if _, err := os.Stat(filepath.Join(data, "careid.db")); err == nil {
		t.Error("listing keys made a database")
	}
}

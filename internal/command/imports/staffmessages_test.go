package imports_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/config"
)

// Messages of a staff record are rehearsed, taken, and answered with a file; rows that cannot be read are written to be
// mended.
func TestImportStaffMessages(t *testing.T) {
	data := t.TempDir()
	if _, err := app.OpenBox(config.Usual(data), true); err != nil {
		t.Fatal(err)
	}
	organisations := commandtest.Write(t, "organisations.csv",
		"code,name,postcode,status\nZTR,Fenmarch Trust,M1 1AE,ACTIVE\n")
	if out, errs, code := run(t, "import", "care-organisations", organisations, "--data", data, "--apply"); code != 0 {
		t.Fatalf("organisations: exit %d, %s%s", code, out, errs)
	}
	file := commandtest.Write(t, "messages.csv", "id,message,organisation,employee,given_name,family_name,birth_date,"+
		"ni_number\n1,CreatePerson,ZTR,E1,Ann,Example,1980-03-31,AB123456C\n2,SearchPerson,ZTR,,,Example,,\n"+
		"3,CreatePerson,ZTR,E2,Bo,Example,,AB123456C\n")
	answers := filepath.Join(t.TempDir(), "answers.csv")
	refused := filepath.Join(t.TempDir(), "refused.csv")
	command := []string{"import", "staff-messages", file, "--data", data, "--answers", answers, "--refused", refused}
	out, errs, code := run(t, command...)
	for _, want := range []string{"3 rows: 2 messages, 0 of them received before, 1 rows refused",
		"CreatePerson, asked: 1", "unable to match: 1", "Row 4, birth_date", "Nothing was written. To write it: signpost import staff-messages"} {
		if code != cli.ExitRefused || !strings.Contains(out+errs, want) {
			t.Errorf("dry: exit %d, no %q in %s%s", code, want, out, errs)
		}
	}
	out, errs, _ = run(t, append(command, "--apply")...)
	if !strings.Contains(out+errs, "0 of them received before") || strings.Contains(out, "Nothing was written") {
		t.Errorf("applied: %s%s", out, errs)
	}
	if out, errs, _ := run(t, append(command, "--apply")...); !strings.Contains(out+errs, "2 of them received before") {
		t.Errorf("once more: %s%s", out, errs)
	}
	for path, want := range map[string]string{answers: "ZTR,1,CreatePerson,asked,no match", refused: "3,CreatePerson"} {
		text, err := os.ReadFile(path)
		secret := strings.Contains(string(text), "AB123456C")
		if err != nil || !strings.Contains(string(text), want) || secret == (path == answers) {
			t.Errorf("%s: %v %s", filepath.Base(path), err, text)
		}
	}
}

package imports_test

import (
	"strings"
	"testing"

	"signpost/internal/app"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/config"
)

// Care Identities of another system need a system that was started once, are read dry at first, written and undone.
func TestImportIdentities(t *testing.T) {
	data := t.TempDir()
	people := commandtest.Write(t, "people.csv", "given_name,family_name,organisation,ni_number\n"+
		"Siân,Example,ZTR,AB123456C\nAda,Example,ZTR,\nBo,,ZTR,\n")
	command := []string{"import", "identities", people, "--data", data}
	if out, errs, code := run(t, command...); code != cli.ExitFailed ||
		!strings.Contains(errs, "There is no system in") {
		t.Errorf("nothing was started: exit %d, %s%s", code, out, errs)
	}
	if _, err := app.OpenBox(config.Usual(data), true); err != nil {
		t.Fatal(err)
	}
	organisations := commandtest.Write(t, "organisations.csv",
		"code,name,postcode,status\nZTR,Fenmarch Trust,M1 1AE,ACTIVE\n")
	if out, errs, code := run(t, "import", "care-organisations", organisations, "--data", data, "--apply"); code != 0 {
		t.Fatalf("organisations: exit %d, %s%s", code, out, errs)
	}
	out, errs, code := run(t, command...)
	for _, want := range []string{"2 to add", "1 refused", "given_name",
		"Nothing was written. To write it: signpost import identities"} {
		if code != cli.ExitRefused || !strings.Contains(out+errs, want) {
			t.Errorf("dry: exit %d, no %q in %s%s", code, want, out, errs)
		}
	}
	out, errs, _ = run(t, append(command, "--apply")...)
	_, id, written := strings.Cut(out, "Written as import ")
	id, _, _ = strings.Cut(id, ".")
	if !written {
		t.Fatalf("applied: %s%s", out, errs)
	}
	if out, errs, code := run(t, command...); code != cli.ExitRefused || !strings.Contains(out+errs, "Siân Example") {
		t.Errorf("the same National Insurance number again: exit %d, %s%s", code, out, errs)
	}
	held := commandtest.Write(t, "positions.csv", "uuid,organisation,role,activities\n555000000017,ZTR,R8008,B0166\n"+
		"555000000017,ZTR,R5080,\n")
	command = []string{"import", "positions", held, "--data", data}
	if out, errs, code := run(t, command...); code != cli.ExitRefused || !strings.Contains(out+errs, "2 refused") ||
		!strings.Contains(out+errs, "There is no Care Identity 555000000017") {
		t.Errorf("positions of somebody who is not here: exit %d, %s%s", code, out, errs)
	}
	more := commandtest.Write(t, "more.csv", "uuid,given_name,family_name,organisation\n555000000017,Cy,Example,ZTR\n")
	if out, errs, code := run(t, "import", "identities", more, "--data", data, "--apply"); code != cli.ExitDone {
		t.Fatalf("one more: exit %d, %s%s", code, out, errs)
	}
	if out, errs, code := run(t, append(command, "--apply")...); code != cli.ExitRefused ||
		!strings.Contains(out, "Written as import") || !strings.Contains(out+errs, "which no file gives") {
		t.Errorf("positions: exit %d, %s%s", code, out, errs)
	}
	if out, errs, code := run(t, "import", "undo", id, "--data", data); code != cli.ExitDone ||
		!strings.Contains(out, "2 records are as they were before") {
		t.Errorf("undone: exit %d, %s%s", code, out, errs)
	}
}

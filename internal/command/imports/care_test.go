package imports_test

import (
	"strings"
	"testing"

	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
)

// Organisations of the care identity side are read dry at first, written, listed and undone.
func TestImportCareOrganisations(t *testing.T) {
	data := t.TempDir()
	file := commandtest.Write(t, "organisations.csv",
		"code,name,postcode,status\nZTR,Fenmarch Trust,M1 1AE,ACTIVE\nZ1,Short,M1 1AE,ACTIVE\n")
	command := []string{"import", "care-organisations", file, "--data", data}
	out, errs, code := run(t, command...)
	for _, want := range []string{"a list of organisations", "1 to add", "1 refused", "is not an ODS code",
		"Nothing was written. To write it: signpost import care-organisations"} {
		if code != cli.ExitRefused || !strings.Contains(out+errs, want) {
			t.Errorf("dry: exit %d, no %q in %s%s", code, want, out, errs)
		}
	}
	if out, errs, code := run(t, append(command, "--apply", "--strict")...); code != cli.ExitFailed ||
		!strings.Contains(errs, "--strict was given") {
		t.Errorf("strict: exit %d, %s%s", code, out, errs)
	}
	out, errs, _ = run(t, append(command, "--apply")...)
	_, id, written := strings.Cut(out, "Written as import ")
	id, _, _ = strings.Cut(id, ".")
	if !written {
		t.Fatalf("applied: %s%s", out, errs)
	}
	if out, errs, _ := run(t, "import", "list", "--data", data); !strings.Contains(out,
		"care-organisations organisations, 1 of 1 record, finished") {
		t.Errorf("the list: %s%s", out, errs)
	}
	if out, errs, code := run(t, "import", "undo", id, "--data", data); code != cli.ExitDone ||
		!strings.Contains(out, "1 record is as it was before") {
		t.Errorf("undone: exit %d, %s%s", code, out, errs)
	}
	if out, errs, code := run(t, "import", "undo", "nothing", "--data", data); code != cli.ExitFailed ||
		!strings.Contains(errs, "There is no import nothing") {
		t.Errorf("an unknown import undone: exit %d, %s%s", code, out, errs)
	}
}

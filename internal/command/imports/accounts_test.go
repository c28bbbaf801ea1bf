package imports_test

import (
	"encoding/json"
	"strings"
	"testing"

	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/dos/directory/importing"
)

// Accounts are imported as everything else is: recognised, dry at first, with collisions listed, and undone.
func TestImportAccounts(t *testing.T) {
	data := t.TempDir()
	file := commandtest.Write(t, "accounts.csv", "User name;Forename;E-mail;Organisation;Role\n"+
		"bo;Bo;bo@example.nhs.uk;FA123;Provider user\ncy;Cy;same@example.nhs.uk;;\ndi;Di;SAME@example.nhs.uk;;\n")
	step := func(want int, contains string, args ...string) string {
		t.Helper()
		out, errs, code := run(t, append([]string{"import"}, append(args, "--data", data)...)...)
		if code != want || !strings.Contains(out+errs, contains) {
			t.Fatalf("%v: exit %d, %s%s; want %d with %q", args, code, out, errs, want, contains)
		}
		return out
	}
	step(cli.ExitRefused, "a list of accounts, with semicolons between the columns", file)
	step(cli.ExitRefused, "collision: the email same@example.nhs.uk: rows 3, 4", "accounts", file)
	step(cli.ExitRefused, "Nothing was written. To write it: signpost import accounts", "accounts", file)
	step(cli.ExitFailed, "--strict was given", "accounts", file, "--apply", "--strict")
	var done struct {
		result
		Collisions []importing.Collision
	}
	out := step(cli.ExitRefused, `"applied":true`, "accounts", file, "--apply", "--json")
	if err := json.Unmarshal([]byte(out), &done); err != nil {
		t.Fatal(err)
	}
	if done.Added != 1 || len(done.Refused) != 2 || len(done.Collisions) != 1 || done.ImportID == "" {
		t.Errorf("result %+v", done)
	}
	step(cli.ExitRefused, "1 unchanged, 2 refused", "accounts", file, "--apply")
	step(cli.ExitDone, "accounts, 1 of 1 record, finished", "list")
	step(cli.ExitDone, "1 record is as it was before", "undo", done.ImportID)
	step(cli.ExitRefused, "1 to add", "accounts", file, "--apply")
	other := commandtest.Write(t, "other.csv", "User name,Forename,E-mail\nbo,Bob,bo@example.nhs.uk\n")
	const differs = "differs: row 2, account bo\n  first_name: there \"Bo\", in the file \"Bob\""
	step(cli.ExitRefused, differs, other, "--apply")
	step(cli.ExitRefused, "0 to change, 0 unchanged, 1 refused", other)
	step(cli.ExitDone, differs, other, "--change-existing")
	step(cli.ExitDone, "To write it: signpost import --change-existing", other, "--change-existing")
	step(cli.ExitDone, "1 to change", other, "--change-existing", "--apply")
	step(cli.ExitDone, "1 unchanged", other)
}

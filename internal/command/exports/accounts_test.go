package exports_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"signpost/internal/command"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
)

const hash = "$6$saltstring$.r0X7ub5wGR2v4Xz7svCIozfnlorFh19V89t8KC9Umd81uGhFgsyTRNyzQDXDIm17fFcR9z3z7oBNdsyYBbtm/"

const people = "username,first name,last name,email,phone,status,kind,organisation,groups,permissions," +
	"last login,created,access reason,approved by,approved date,password hash\n" +
	"bo,Bo,\"O'Neil\",Bo@example.nhs.uk,01632 960001,active,,FA123,Provider user,,2026-05-31 14:30,2019-01-02," +
	"Shifts,Al,2019-01-03," + hash + "\n" +
	"=cy,Cy,-Ex,cy@example.nhs.uk,+44 1632 960001,inactive,shared,,,editCapacity @ everywhere,,,,,,\n" +
	"robot,,,,,,machine,FA123,machine,,,,,,,\n"

// What is exported can be imported elsewhere, and exported again it is the same. Hashes go only where they are asked
// for.
func TestAccountsGoRoundAsTheyAre(t *testing.T) {
	run := func(want int, args ...string) string {
		t.Helper()
		out, errs, code := commandtest.Main(command.Main).Run(t, args...)
		if code != want {
			t.Fatalf("%v: exit %d, %s%s", args, code, out, errs)
		}
		return out
	}
	here := t.TempDir()
	there := t.TempDir()
	run(cli.ExitDone, "import", "accounts", commandtest.Write(t, "people.csv", people), "--apply", "--data", here)
	first := filepath.Join(t.TempDir(), "accounts.csv")
	run(cli.ExitDone, "export", "accounts", "--output", first, "--with-password-hashes", "--data", here)
	run(cli.ExitUsage, "export", "accounts", "--output", first, "--data", here)
	run(cli.ExitDone, "import", "accounts", first, "--apply", "--data", there)
	text, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	again := run(cli.ExitDone, "export", "accounts", "--with-password-hashes", "--data", there)
	if again != string(text) {
		t.Errorf("exported again it is\n%s\nand was\n%s", again, text)
	}
	if about, err := os.Stat(first); err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("the file can be read by others: %v %v", about.Mode(), err)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 4 || rows[1][0] != "'=cy" || rows[2][15] == "" ||
		!strings.Contains(string(text), hash) {
		t.Errorf("the file: %v %q", err, rows)
	}
	if plain := run(cli.ExitDone, "export", "accounts", "--data", here); strings.Contains(plain, "$6$") ||
		!strings.Contains(plain, "editCapacity @ everywhere") {
		t.Errorf("without hashes: %s", plain)
	}
}

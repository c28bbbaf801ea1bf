package command

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
)

const (
	readinessAccounts   = "username,email,first_name,last_name\nann,ann.smith@nhs.net,Ann,Smith\nbo,bo.lee@nhs.net,Bo,Lee\n"
	readinessIdentities = "uuid,email,first_name,last_name,status,positions,authenticators\n" +
		"501,ann.smith@nhs.net,Ann,Smith,active,R8008:B0166,smartcard\n"
)

// One command, without a system or a network, says who is ready and writes it for everybody who has to act.
func TestReadiness(t *testing.T) {
	folder := t.TempDir()
	t.Chdir(folder)
	accounts := commandtest.Write(t, "a.csv", readinessAccounts)
	identities := commandtest.Write(t, "i.csv", readinessIdentities)
	out, errs, code := run(t, "readiness", "--accounts", accounts, "--identities", identities, "--approved",
		"smartcard_internet", "--out", "first")
	if code != cli.ExitDone {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	for _, want := range []string{"Accounts: 2. Rows of Care Identities: 1.", "Ready to link", "50%", "username (username)",
		filepath.Join("first", "readiness.html")} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in:\n%s", want, out)
		}
	}
	entries, err := os.ReadDir(folder)
	if err != nil || len(entries) != 1 {
		t.Errorf("made beside the report: %v, %v", entries, err)
	}
	later := commandtest.Write(t, "later.csv", readinessIdentities+
		"502,bo.lee@nhs.net,Bo,Lee,active,R8008:B0166,smartcard\n")
	out, errs, code = run(t, "readiness", "--accounts", accounts, "--identities", later, "--approved",
		"smartcard_internet", "--out", "second", "--since", "first/readiness.json", "--json")
	var result readinessResult
	if err := json.Unmarshal([]byte(out), &result); err != nil || code != cli.ExitDone {
		t.Fatalf("exit %d, %v: %s%s", code, err, out, errs)
	}
	if result.Changes == nil || result.Changes.Forward != 1 || result.Summary.States["ready"] != 2 {
		t.Errorf("result %+v", result)
	}
}

func TestReadinessOfAWorkbook(t *testing.T) {
	t.Chdir(t.TempDir())
	book := excelize.NewFile()
	for i, row := range [][]any{{"User name", "Email Id"}, {"ann", "ann.smith@nhs.net"}} {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err == nil {
			err = book.SetSheetRow("Sheet1", cell, &row)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SaveAs("a.xlsx"); err != nil {
		t.Fatal(err)
	}
	out, errs, code := run(t, "readiness", "--accounts", "a.xlsx")
	if code != cli.ExitDone || !strings.Contains(out, "Accounts: 1.") || !strings.Contains(out, "workbook") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

// What cannot be done is said in one line that names the list and the cure, and nothing is written.
func TestReadinessThatCannotBe(t *testing.T) {
	t.Chdir(t.TempDir())
	accounts := commandtest.Write(t, "a.csv", readinessAccounts)
	none := commandtest.Write(t, "none.csv", "shoe,size\n1,2\n")
	for name, tt := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no list":                  {nil, cli.ExitUsage, "--accounts"},
		"a file that is not there": {[]string{"--accounts", "gone.csv"}, cli.ExitFailed, "gone.csv"},
		"a list that is none":      {[]string{"--accounts", none}, cli.ExitFailed, "The list of accounts: The file has no column username"},
		"no identities":            {[]string{"--accounts", accounts, "--identities", none}, cli.ExitFailed, "The list of identities"},
		"a kind":                   {[]string{"--accounts", accounts, "--approved", "wand"}, cli.ExitUsage, "security_key"},
		"a list to name":           {[]string{"--accounts", accounts, "--column", "email=x"}, cli.ExitUsage, "accounts."},
		"an owner":                 {[]string{"--accounts", accounts, "--days", "me=1"}, cli.ExitUsage, "registration_authority"},
		"an earlier report":        {[]string{"--accounts", accounts, "--since", accounts}, cli.ExitFailed, "readiness.json"},
	} {
		t.Run(name, func(t *testing.T) {
			out, errs, code := run(t, append([]string{"readiness"}, tt.args...)...)
			if code != tt.code || !strings.Contains(errs, tt.want) || strings.Count(errs, "\n") != 1 {
				t.Errorf("exit %d, want %d: %s%s", code, tt.code, out, errs)
			}
			if _, err := os.Stat("readiness"); err == nil {
				t.Error("a report was written")
			}
		})
	}
}

// Rows that are refused are named, and the exit code says that there are some.
func TestReadinessWithRefusedRows(t *testing.T) {
	t.Chdir(t.TempDir())
	accounts := commandtest.Write(t, "a.csv", readinessAccounts+",nobody@nhs.net,,\n")
	out, errs, code := run(t, "readiness", "--accounts", accounts)
	if code != cli.ExitRefused || !strings.Contains(out, "Row 4 has no username") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
	if _, err := os.Stat("readiness/refused.csv"); err != nil {
		t.Error(err)
	}
}

// What a list has that tells a terminal to do something is not told to the terminal.
func TestReadinessOnATerminal(t *testing.T) {
	t.Chdir(t.TempDir())
	accounts := commandtest.Write(t, "a.csv", "username,E-mail\x1b[1A\nev\x1b[2Kil,a@nhs.net\nev\x1b[2Kil,b@nhs.net\n")
	out, errs, _ := run(t, "readiness", "--accounts", accounts, "--column", "accounts.email=E-mail\x1b[1A")
	if !strings.Contains(out, "has the username ev") || !strings.Contains(out, "E-mail") ||
		strings.Contains(out+errs, "\x1b") {
		t.Errorf("%q %q", out, errs)
	}
	_, errs, code := run(t, "readiness", "--accounts", accounts, "--column", "x\x1b[1A=y")
	if code != cli.ExitUsage || strings.Contains(errs, "\x1b") {
		t.Errorf("%d %q", code, errs)
	}
	_, errs, code = run(t, "readiness", "--accounts", "gone\x1b[1A.csv")
	if code != cli.ExitFailed || strings.Contains(errs, "\x1b") {
		t.Errorf("%d %q", code, errs)
	}
}

package exports_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"signpost/internal/app"
	"signpost/internal/careid/identity"
	"signpost/internal/command"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/dos/account"
	"signpost/internal/dos/standing"
	"signpost/internal/national/extract"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
)

var by = actor.ForCommand("test")

// two makes a system with accounts and Care Identities: Ada has one, nobody found has none, and two people have the
// address of the third.
func two(t *testing.T) (data string, ids map[string]string) {
	t.Helper()
	data = t.TempDir()
	cfg, err := cli.System{Data: data}.Read()
	if err == nil {
		_, err = app.OpenBox(cfg, true)
	}
	if err != nil {
		t.Fatal(err)
	}
	within(t, data, app.CareID, func(w *db.W) error {
		for _, address := range []string{"ada@nhs.net", "both@nhs.net", "both@nhs.net"} {
			n := identity.New{GivenName: "Ada", FamilyName: "Example", Email: address, EmailVerified: "seen"}
			if _, err := identity.Add(t.Context(), w, n); err != nil {
				return err
			}
		}
		return nil
	})
	ids = map[string]string{}
	within(t, data, app.DoS, func(w *db.W) error {
		for _, name := range []string{"ada", "nobody", "both", "o+formula"} {
			a, err := account.Add(t.Context(), w, account.New{Username: "u." + name,
				FirstName: "A", LastName: "B", Email: name + "@nhs.net"})
			if err != nil {
				return err
			}
			ids[name] = a.ID
		}
		return nil
	})
	return data, ids
}

func within(t *testing.T, data string, side app.Side, do func(w *db.W) error) {
	t.Helper()
	d, err := cli.System{Data: data}.Open(t.Context(), side)
	if err == nil {
		err = d.Update(t.Context(), by, do)
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := cli.CloseIfOpen(d); err != nil {
		t.Fatal(err)
	}
}

func said(t *testing.T, data string, ids map[string]string) map[string]extract.Found {
	t.Helper()
	found := map[string]extract.Found{}
	within(t, data, app.DoS, func(w *db.W) error {
		for name, id := range ids {
			kept, err := standing.ByAccounts(t.Context(), w, []string{id})
			if err != nil {
				return err
			}
			found[name] = kept[id].Said.Answer().Found
		}
		return nil
	})
	return found
}

// The two sides reach each other by two files: the directory then knows of everybody what it would over HTTP.
func TestTheTwoSidesMeetByFiles(t *testing.T) {
	data, ids := two(t)
	folder := t.TempDir()
	asked := filepath.Join(folder, "q.csv")
	answered := filepath.Join(folder, "a.csv")
	out, errs, code := run(t, "export", "questions", "--data", data, "--output", asked)
	if code != cli.ExitDone || !strings.Contains(out, "questions: 4") ||
		!strings.Contains(out, "signpost export answers") {
		t.Fatalf("exit %d, %s%s", code, out, errs)
	}
	rows := rowsOf(t, asked)
	if len(rows) != 5 || !slices.Equal(rows[0], extract.QuestionColumns()) {
		t.Errorf("%q", rows)
	}
	out, errs, code = run(t, "export", "answers", asked, "--data", data, "--output", answered)
	if code != cli.ExitDone || !strings.Contains(out, "answers: 4") {
		t.Fatalf("exit %d, %s%s", code, out, errs)
	}
	for _, row := range rowsOf(t, answered) {
		if strings.Contains(strings.Join(row, " "), "@") || strings.Contains(strings.Join(row, " "), "Example") {
			t.Errorf("an answer tells an address or a name: %q", row)
		}
	}
	out, errs, code = run(t, "import", "answers", answered, "--data", data)
	if code != cli.ExitDone || !strings.Contains(out, "4 rows: 1 people with one Care Identity, 2 with none that was found, 1 with several, 0 refused") {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
	if got := said(t, data, ids)["ada"]; got != "" {
		t.Errorf("the dry run kept %q", got)
	}
	if _, errs, code = run(t, "import", "answers", answered, "--data", data, "--apply"); code != cli.ExitDone {
		t.Errorf("exit %d, %s", code, errs)
	}
	for name, want := range map[string]extract.Found{
		"ada": extract.One, "nobody": extract.None, "both": extract.Several, "o+formula": extract.None,
	} {
		if got := said(t, data, ids)[name]; got != want {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
	}
	if _, errs, code = run(t, "export", "answers", asked, "--data", data, "--output", answered); code != cli.ExitUsage {
		t.Errorf("a file that is there: exit %d, %s", code, errs)
	}
}

// Answers that are none, that are about nobody, or that are there twice are refused by row, and the others taken.
func TestAnswersThatAreRefused(t *testing.T) {
	data, ids := two(t)
	file := filepath.Join(t.TempDir(), "a.csv")
	text := "ref,found,state,email,position,authenticator_level,authenticator_approved\n" +
		ids["ada"] + ",one,active,equal,yes,3,yes\n" +
		ids["ada"] + ",none,,,,,\n" +
		"stranger,none,,,,,\n" +
		ids["nobody"] + ",perhaps,,,,,\n" +
		ids["both"] + ",one,active,equal,yes,9,yes\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, errs, code := run(t, "import", "answers", file, "--data", data, "--apply")
	if code != cli.ExitRefused {
		t.Errorf("exit %d, %s", code, errs)
	}
	for _, words := range []string{"1 people with one", "4 refused", "row 3: row 2 answers about the same account",
		`row 4: no person's account has the ref`, `row 5: not a well-formed extract message: found is "perhaps"`,
		"row 6: not a well-formed extract message: authenticator level is 9"} {
		if !strings.Contains(out, words) {
			t.Errorf("does not say %q: %s", words, out)
		}
	}
	if got := said(t, data, ids)["ada"]; got != extract.One {
		t.Errorf("ada: %q", got)
	}
	questions := filepath.Join(t.TempDir(), "q.csv")
	if err := os.WriteFile(questions, []byte("ref,email\n1,a@b.example\n1,c@d.example\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, errs, code := run(t, "export", "answers", questions, "--data", data); code == cli.ExitDone ||
		!strings.Contains(errs, "row 3 has the ref of row 2") {
		t.Errorf("exit %d, %s%s", code, out, errs)
	}
}

func rowsOf(t *testing.T, path string) [][]string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func run(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	return commandtest.Main(command.Main).Run(t, args...)
}

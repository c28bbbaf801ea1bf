package imports_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"signpost/internal/command"
	"signpost/internal/command/cli"
	"signpost/internal/command/commandtest"
	"signpost/internal/dos/directory/importing"
)

// run runs the command line and gives what it printed and its exit code.
func run(t *testing.T, args ...string) (out, errs string, code int) {
	t.Helper()
	return commandtest.Main(command.Main).Run(t, args...)
}

const outcodes = "id,postcode,latitude,longitude\n1,M1,53.4775,-2.2333\n2,M2,53.4799,-2.2448\n3,M61,0,0\n"

// result is what an import prints as JSON, as far as it is looked at here.
type result struct {
	Added    int
	Refused  []importing.Refused
	ByReason []struct{ Rows int } `json:"refused_by_reason"`
	Format   string
	Applied  bool
	ImportID string `json:"import_id"`
}

func TestImport(t *testing.T) {
	data := t.TempDir()
	file := commandtest.Write(t, "outcodes.csv", outcodes)
	step := func(want int, contains string, args ...string) string {
		t.Helper()
		out, errs, code := run(t, append([]string{"import"}, append(args, "--data", data)...)...)
		if code != want || !strings.Contains(out+errs, contains) {
			t.Fatalf("%v: exit %d, %s%s; want %d with %q", args, code, out, errs, want, contains)
		}
		return out
	}
	step(cli.ExitRefused, "Nothing was written. To write it: signpost import postcodes ", "postcodes", file)
	step(cli.ExitRefused, "row 4, column latitude: refused.", "postcodes", file)
	step(cli.ExitFailed, "--strict was given", "postcodes", file, "--apply", "--strict")
	step(cli.ExitDone, "There are no imports yet: there is no system in ", "list")
	var done result
	if err := json.Unmarshal([]byte(step(cli.ExitRefused, `"applied":true`, "postcodes", file, "--apply", "--json")),
		&done); err != nil {
		t.Fatal(err)
	}
	if done.Added != 2 || len(done.Refused) != 1 || done.Refused[0].Number != 4 || done.ImportID == "" {
		t.Errorf("result %+v", done)
	}
	step(cli.ExitRefused, "Nothing to write", "postcodes", file, "--apply")
	step(cli.ExitDone, "finished", "list")
	step(cli.ExitDone, "2 records are as they were before", "undo", done.ImportID)
	step(cli.ExitFailed, "was undone already", "undo", done.ImportID)
	step(cli.ExitDone, "undone", "list")
}

func TestWrongUsage(t *testing.T) {
	file := commandtest.Write(t, "outcodes.csv", outcodes)
	for name, tt := range map[string]struct {
		args     []string
		code     int
		contains string
	}{
		"no such format":        {[]string{"import", "services", "--format", "x", file}, cli.ExitUsage, `there is no format "x" for services: use one of pharmacies, dentists`},
		"no format of any kind": {[]string{"import", "--format", "nosuch", file}, cli.ExitUsage, `there is no format "nosuch": use one of organisations, epraccur, `},
		"no such file":          {[]string{"import", "postcodes", "nowhere.csv", "--data", t.TempDir()}, cli.ExitFailed, "nowhere.csv: cannot be opened"},
		"wrong columns":         {[]string{"import", "services", "--format", "dentists", file, "--data", t.TempDir()}, cli.ExitFailed, "outcodes.csv:"},
	} {
		if out, errs, code := run(t, tt.args...); code != tt.code || !strings.Contains(out+errs, tt.contains) {
			t.Errorf("%s: exit %d, %s%s; want %d with %q", name, code, out, errs, tt.code, tt.contains)
		}
	}
}

// districtsFile is a file of so many postcode districts.
func districtsFile(t *testing.T, rows int) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("id,postcode,latitude,longitude\n")
	for i := range rows {
		fmt.Fprintf(&text, "%d,%c%c%d,53.%03d,-2.1\n", i, 'A'+i/100%26, 'A'+i/2600, i%100, i%1000)
	}
	return commandtest.Write(t, "districts.csv", text.String())
}

// An undo names the first 50 records that were changed since and stay, and says how many more there are.
func TestAnUndoNamesTheFirstRecordsThatStay(t *testing.T) {
	data := t.TempDir()
	file := districtsFile(t, 60)
	out, errs, code := run(t, "import", "postcodes", file, "--data", data, "--apply")
	if code != cli.ExitDone {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	undo := printed(t, out, "To undo it: ")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	moved := commandtest.Write(t, "moved.csv", strings.ReplaceAll(string(text), ",-2.1", ",-2.2"))
	if out, errs, code = run(t, "import", "postcodes", moved, "--data", data, "--apply"); code != cli.ExitDone ||
		!strings.Contains(out, "60 to change") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	out, errs, code = run(t, undo...)
	if code != cli.ExitDone || strings.Count(out, ": kept, it was changed since the import\n") != 50 ||
		!strings.Contains(out, "10 more kept: the events of the undo name them all.\n0 records are") {
		t.Errorf("exit %d: %s%s", code, out, errs)
	}
}

func TestImportTellsHowFarItHasCome(t *testing.T) {
	data := t.TempDir()
	file := districtsFile(t, 2000)
	out, errs, code := run(t, "import", "postcodes", file, "--data", data, "--apply")
	if code != cli.ExitDone || !strings.Contains(out, "2000 to add") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	if lines := strings.Split(strings.TrimSpace(errs), "\n"); len(lines) < 8 || len(lines) > 22 ||
		!strings.HasSuffix(lines[0], "of 2000 prepared (12%)") || lines[len(lines)-1] != "2000 of 2000 written (100%)" {
		t.Errorf("progress in plain lines: %q", lines)
	}
	if strings.Contains(errs, "\r") || strings.Contains(out, "written (") {
		t.Error("progress belongs on stderr, a line at a time")
	}
}

// What a command prints with --json is JSON, lists are lists, and the exit code is the same as without.
func TestImportSpeaksJSON(t *testing.T) {
	data := t.TempDir()
	file := commandtest.Write(t, "outcodes.csv", outcodes)
	ask := func(want int, into any, args ...string) {
		t.Helper()
		out, errs, code := run(t, append([]string{"import"}, append(args, "--data", data, "--json")...)...)
		if err := json.Unmarshal([]byte(out), into); err != nil || code != want {
			t.Fatalf("%v: exit %d, %v: %s%s", args, code, err, out, errs)
		}
		if strings.Contains(out, "null") {
			t.Errorf("%v: %s", args, out)
		}
	}
	var none []any
	if ask(cli.ExitDone, &none, "list"); len(none) != 0 {
		t.Errorf("runs before the first: %v", none)
	}
	var dry, done result
	if ask(cli.ExitRefused, &dry, "postcodes", file); dry.Applied || dry.Added != 2 || len(dry.Refused) != 1 ||
		dry.Refused[0].Field != "latitude" {
		t.Errorf("dry run %+v", dry)
	}
	if ask(cli.ExitFailed, &dry, "postcodes", file, "--strict", "--apply"); dry.Applied || dry.ImportID != "" {
		t.Errorf("strict %+v", dry)
	}
	if ask(cli.ExitRefused, &done, "postcodes", file, "--apply"); !done.Applied || done.ImportID == "" {
		t.Errorf("applied %+v", done)
	}
	var list []struct{ ID, Title, Finished, Undone string }
	if ask(cli.ExitDone, &list, "list"); len(list) != 1 || list[0].ID != done.ImportID || list[0].Finished == "" ||
		list[0].Undone != "" {
		t.Errorf("runs %+v", list)
	}
	var undone struct {
		Restored int
		Kept     []string
	}
	if ask(cli.ExitDone, &undone, "undo", done.ImportID); undone.Restored != 2 || undone.Kept == nil {
		t.Errorf("undone %+v", undone)
	}
}

// A file that cannot be read is refused with what to do, and what was imported before stays as it is.
func TestBrokenFilesAreRefusedWhole(t *testing.T) {
	data := t.TempDir()
	if out, errs, code := run(t, "import", "postcodes",
		commandtest.Write(t, "good.csv", "postcode,latitude,longitude\nM1,53.4775,-2.2333\n"), "--data", data,
		"--apply"); code != cli.ExitDone {
		t.Fatalf("the honest twin: exit %d, %s%s", code, out, errs)
	}
	const head = "postcode,latitude,longitude\n"
	tried := 0
	accepted := 0
	for name, tt := range map[string]struct{ text, message string }{
		"empty": {"", "The file is empty. Choose a CSV file with rows in it."}, "no heading": {"M2,53.4,-2.2\n", "The first row must name the columns"},
		"a column missing": {"postcode,latitude\nM2,53.4\n", "has no column longitude"}, "UTF-16": {"\xff\xfep\x00o\x00", "has no column"},
		"an archive": {"PK\x03\x04rest", "a damaged workbook"}, "noise": {"\x8f\x02\x99\xfe\xaa\n", "neither in UTF-8"},
	} {
		tried++
		file := commandtest.Write(t, "broken.csv", tt.text)
		out, errs, code := run(t, "import", "postcodes", file, "--data", data, "--apply")
		if code != cli.ExitFailed {
			accepted++
		}
		if code != cli.ExitFailed || !strings.HasPrefix(errs, "signpost: broken.csv: ") ||
			!strings.Contains(errs, tt.message) || out != "" {
			t.Errorf("%s: exit %d, %q %q; want %q", name, code, out, errs, tt.message)
		}
	}
	t.Logf("tried %d, accepted %d", tried, accepted)
	if out, _, code := run(t, "import", "postcodes",
		commandtest.Write(t, "bom.csv", "\ufeff"+head+"M1,53.4775,-2.2333\n\"M2,53.4,-2.2\n"), "--data", data,
		"--apply"); code != cli.ExitRefused ||
		!strings.Contains(out, "1 unchanged, 1 refused") ||
		!strings.Contains(out, "row 3: refused. Row 3 has a double quote") {
		t.Errorf("a mark before, and a quote that is cut off: exit %d, %s", code, out)
	}
	if out, _, _ := run(t, "import", "list", "--data", data); strings.Count(out, "finished") != 1 {
		t.Errorf("imports after the broken files: %s", out)
	}
}

// words are the words of a command line, as a shell reads them.
func words(t *testing.T, line string) []string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "sh", "-c", `printf '%s\n' `+line).Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// printed gives the command line that a command printed after some words, without signpost before it.
func printed(t *testing.T, out, after string) []string {
	t.Helper()
	_, line, found := strings.Cut(out, after)
	if line, _, _ = strings.Cut(line, "\n"); !found {
		t.Fatalf("nothing printed after %q: %s", after, out)
	}
	return words(t, line)[1:]
}

// The file is recognised and named first, and what is printed to go on with can be run as it is printed.
func TestWhatImportPrintsToGoOnWithWorks(t *testing.T) {
	data := filepath.Join(t.TempDir(), "it's data")
	configured := filepath.Join(t.TempDir(), "configured")
	settings := commandtest.Write(t, "sign post.toml", fmt.Sprintf("data = %q\n", configured))
	file := commandtest.Write(t, "some districts.csv", "postcode,latitude,longitude\nM1,53.4775,-2.2333\n")
	for _, where := range [][]string{{"--data", data}, {"--config", settings}} {
		out, errs, code := run(t, append([]string{"import", file}, where...)...)
		if code != cli.ExitDone || !strings.HasPrefix(out, "some districts.csv: a list of postcode districts.\n") ||
			!strings.Contains(out, "some districts.csv: 1 row: 1 to add") {
			t.Fatalf("exit %d: %s%s", code, out, errs)
		}
		out, errs, code = run(t, printed(t, out, "To write it: ")...)
		if code != cli.ExitDone || !strings.Contains(out, "Written as import") {
			t.Fatalf("the command that was printed: exit %d: %s%s", code, out, errs)
		}
		undo := printed(t, out, "To undo it: ")
		if out, errs, code = run(t, undo...); code != cli.ExitDone || out != "1 record is as it was before.\n" {
			t.Fatalf("the undo that was printed: exit %d: %s%s", code, out, errs)
		}
		if out, _, _ = run(t, append([]string{"import", "list"}, where...)...); !strings.Contains(out,
			"postcodes outcodes, 1 of 1 record, undone on ") {
			t.Errorf("the import that was undone in the list: %s", out)
		}
		if _, errs, code = run(t, undo...); code != cli.ExitFailed || !strings.Contains(errs, "was undone already") {
			t.Errorf("undone again: exit %d: %s", code, errs)
		}
	}
	strict := []string{"import", file, "--strict", "--format", "outcodes", "--data", filepath.Join(t.TempDir(), "d")}
	out, errs, _ := run(t, strict...)
	to := printed(t, out, "Nothing was written. To write it: ")
	if !slices.Contains(to, "--strict") || !slices.Contains(to, "--format") {
		t.Errorf("%s%s: to write it: %q", out, errs, to)
	}
	if out, errs, code := run(t, to...); code != cli.ExitDone || !strings.Contains(out, "Written as import") {
		t.Errorf("%q: exit %d: %s%s", to, code, out, errs)
	}
	t.Chdir(t.TempDir())
	if out, _, _ := run(t, "import", file); strings.Contains(out, "--data") {
		t.Errorf("the usual folder is named: %s", out)
	}
}

// A file of another kind is one sentence, and what is refused is counted by reason before the rows.
func TestImportSaysWhatAFileIs(t *testing.T) {
	data := t.TempDir()
	dentists := commandtest.Write(t, "dentists.csv", "name,address,postcode,telephone,website,lon,lat\n"+
		"A,B,M1,,,-2.2,53.4\nC,D,M2,,,-2.2,53.4\nE,F,M1 1AE,,,0,0\nG,H,M1 1AE,111,,-2.2,53.4\n")
	out, errs, code := run(t, "import", "postcodes", dentists, "--data", data)
	if code != cli.ExitFailed || out != "" || errs != "signpost: dentists.csv: This is a list of dentists, not a list of "+
		"postcode districts. Leave out what the file is: signpost import recognises it.\n" {
		t.Errorf("another kind: exit %d, %q %q", code, out, errs)
	}
	refused := filepath.Join(t.TempDir(), "refused.csv")
	out, errs, code = run(t, "import", dentists, "--data", data, "--refused", refused)
	lines := strings.Split(out, "\n")
	for i, want := range []string{"dentists.csv: a list of dentists.", "1 row taken: Left out the telephone number",
		"2 rows refused, column postcode: “…” is not a full", "1 row refused, column lat: ", "row 5: taken. ",
		"row 2, column postcode: refused.", "row 3, column postcode: refused.", "row 4, column lat: refused.",
		"The refused rows are in " + refused, "dentists.csv: 4 rows: 1 to add, 0 to change, 0 unchanged, 3 refused."} {
		if code != cli.ExitRefused || len(lines) <= i || !strings.HasPrefix(lines[i], want) {
			t.Errorf("exit %d, line %d: want %q in %s%s", code, i+1, want, out, errs)
		}
	}
	text, err := os.ReadFile(refused)
	if err != nil || !strings.HasPrefix(string(text), "\ufeffReason,name,address,postcode,telephone,website,lon,lat\n"+
		`"postcode: ""M1"" is not a full UK postcode. Enter one like M1 1AE",A,B,M1,,,-2.2,53.4`) {
		t.Errorf("%v: %s", err, text)
	}
	if _, errs, code := run(t, "import", dentists, "--data", data, "--refused", dentists); code != cli.ExitUsage {
		t.Errorf("the refused rows over the file itself: exit %d, %s", code, errs)
	}
}

// A long list of rows is gathered in print, and whole in JSON.
func TestManyRefusedRowsAreCounted(t *testing.T) {
	var text strings.Builder
	text.WriteString("postcode,latitude,longitude\n")
	for i := range 200 {
		fmt.Fprintf(&text, "M%d,0,0\n", i%99)
	}
	file := commandtest.Write(t, "nowhere.csv", text.String())
	out, _, code := run(t, "import", file, "--data", t.TempDir())
	if code != cli.ExitRefused || strings.Count(out, ": refused. ") != 1 ||
		!strings.Contains(out, "rows 2 to 201, column latitude: refused.") {
		t.Errorf("exit %d: %s", code, out)
	}
	var whole result
	out, _, _ = run(t, "import", file, "--data", t.TempDir(), "--json")
	if err := json.Unmarshal([]byte(out), &whole); err != nil || len(whole.Refused) != 200 ||
		whole.Format != "outcodes" || len(whole.ByReason) != 1 || whole.ByReason[0].Rows != 200 {
		t.Errorf("%v: %d refused, %+v", err, len(whole.Refused), whole.ByReason)
	}
}

// Where nothing is refused any more, the refused rows of before are not left to be imported once more.
func TestRefusedRowsOfBeforeAreRemoved(t *testing.T) {
	data := t.TempDir()
	refused := filepath.Join(t.TempDir(), "refused.csv")
	bad := commandtest.Write(t, "bad.csv", "postcode,latitude,longitude\nM1,53.4775,-2.2333\nM2,0,0\n")
	good := commandtest.Write(t, "good.csv", "postcode,latitude,longitude\nM1,53.4775,-2.2333\nM2,53.48,-2.24\n")
	const removed = "which was there before, is removed."
	if out, errs, _ := run(t, "import", good, "--data", data, "--refused", refused); strings.Contains(out, removed) {
		t.Errorf("nothing was there: %s%s", out, errs)
	}
	if out, errs, code := run(t, "import", bad, "--data", data, "--refused", refused); code != cli.ExitRefused {
		t.Fatalf("the honest twin: exit %d, %s%s", code, out, errs)
	}
	out, errs, code := run(t, "import", good, "--data", data, "--refused", refused)
	if _, err := os.Stat(refused); err == nil || code != cli.ExitDone ||
		!strings.Contains(out, "No row was refused: "+refused+", "+removed) {
		t.Errorf("%v, exit %d, %s%s", err, code, out, errs)
	}
	mistaken := commandtest.Write(t, "list.csv", "name\nBea\n")
	if _, errs, code := run(t, "import", good, "--data", data, "--refused", mistaken); code != cli.ExitDone {
		t.Errorf("a file of somebody's own was named: exit %d, %s", code, errs)
	}
	if _, err := os.Stat(mistaken); err != nil {
		t.Errorf("a file that has no refused rows: %v", err)
	}
}

package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// districtsFile is a file of so many postcode districts.
func districtsFile(t *testing.T, rows int) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("id,postcode,latitude,longitude\n")
	for i := range rows {
		fmt.Fprintf(&text, "%d,%c%c%d,53.%03d,-2.1\n", i, 'A'+i/100%26, 'A'+i/2600, i%100, i%1000)
	}
	return write(t, "districts.csv", text.String())
}

func TestImportTellsHowFarItHasCome(t *testing.T) {
	data := t.TempDir()
	file := districtsFile(t, 2000)
	out, errs, code := run(t, "import", "postcodes", file, "--data", data, "--apply")
	if code != exitDone || !strings.Contains(out, "2000 to add") {
		t.Fatalf("exit %d: %s%s", code, out, errs)
	}
	if lines := strings.Split(strings.TrimSpace(errs), "\n"); len(lines) < 4 || len(lines) > 11 ||
		lines[len(lines)-1] != "2000 of 2000 written (100%)" {
		t.Errorf("progress in plain lines: %q", lines)
	}
	if strings.Contains(errs, "\r") || strings.Contains(out, "written (") {
		t.Error("progress belongs on stderr, a line at a time")
	}
}

func TestProgressOnATerminalIsOneLine(t *testing.T) {
	var out bytes.Buffer
	p := &progress{out: &out, terminal: true}
	for done := range 5 {
		p.say("read", done*1000, 0)
	}
	p.say("written", 1, 4)
	p.done()
	p.done()
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.HasSuffix(got, "\r1 of 4 written (25%)\n") {
		t.Errorf("%q", got)
	}
}

// What a command prints with --json is JSON, lists are lists, and the exit code is the same as without.
func TestImportSpeaksJSON(t *testing.T) {
	data := t.TempDir()
	file := write(t, "outcodes.csv", outcodes)
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
	if ask(exitDone, &none, "list"); len(none) != 0 {
		t.Errorf("runs before the first: %v", none)
	}
	var dry, done result
	if ask(exitRefused, &dry, "postcodes", file); dry.Applied || dry.Added != 2 || len(dry.Refused) != 1 ||
		dry.Refused[0].Field != "latitude" {
		t.Errorf("dry run %+v", dry)
	}
	if ask(exitFailed, &dry, "postcodes", file, "--strict", "--apply"); dry.Applied || dry.ImportID != "" {
		t.Errorf("strict %+v", dry)
	}
	if ask(exitRefused, &done, "postcodes", file, "--apply"); !done.Applied || done.ImportID == "" {
		t.Errorf("applied %+v", done)
	}
	var list []struct{ ID, Title, Finished, Undone string }
	if ask(exitDone, &list, "list"); len(list) != 1 || list[0].ID != done.ImportID || list[0].Finished == "" ||
		list[0].Undone != "" {
		t.Errorf("runs %+v", list)
	}
	var undone struct {
		Restored int
		Kept     []string
	}
	if ask(exitDone, &undone, "undo", done.ImportID); undone.Restored != 2 || undone.Kept == nil {
		t.Errorf("undone %+v", undone)
	}
}

// A file that cannot be read is refused with what to do, and what was imported before stays as it is.
func TestBrokenFilesAreRefusedWhole(t *testing.T) {
	data := t.TempDir()
	if out, errs, code := run(t, "import", "postcodes",
		write(t, "good.csv", "postcode,latitude,longitude\nM1,53.4775,-2.2333\n"), "--data", data,
		"--apply"); code != exitDone {
		t.Fatalf("the honest twin: exit %d, %s%s", code, out, errs)
	}
	const head = "postcode,latitude,longitude\n"
	tried := 0
	accepted := 0
	for name, tt := range map[string]struct{ text, says string }{
		"empty": {"", "The file is empty. Choose a CSV file with rows in it."}, "no heading": {"M2,53.4,-2.2\n", "The first row must name the columns"},
		"a column missing": {"postcode,latitude\nM2,53.4\n", "has no column longitude"}, "UTF-16": {"\xff\xfep\x00o\x00", `UTF-16. Save it as "CSV UTF-8".`},
		"UTF-16 without its mark": {"p\x00o\x00s\x00t\x00", `UTF-16. Save it as "CSV UTF-8".`},
		"a workbook": {"PK\x03\x04rest", "a workbook"}, "noise": {"\x8f\x02\x99\xfe\xaa\n", "neither in UTF-8"},
	} {
		tried++
		out, errs, code := run(t, "import", "postcodes", write(t, "broken.csv", tt.text), "--data", data, "--apply")
		if code != exitFailed {
			accepted++
		}
		if code != exitFailed || !strings.HasPrefix(errs, "signpost: broken.csv: ") ||
			!strings.Contains(errs, tt.says) || out != "" {
			t.Errorf("%s: exit %d, %q %q; want %q", name, code, out, errs, tt.says)
		}
	}
	t.Logf("tried %d, accepted %d", tried, accepted)
	if out, _, code := run(t, "import", "postcodes",
		write(t, "bom.csv", "\ufeff"+head+"M1,53.4775,-2.2333\n\"M2,53.4,-2.2\n"), "--data", data,
		"--apply"); code != exitRefused ||
		!strings.Contains(out, "1 unchanged, 1 refused") ||
		!strings.Contains(out, "row 3: refused. Row 3 has a double quote") {
		t.Errorf("a mark before, and a quote that is cut off: exit %d, %s", code, out)
	}
	if out, _, _ := run(t, "import", "list", "--data", data); strings.Count(out, "finished") != 1 {
		t.Errorf("imports after the broken files: %s", out)
	}
}

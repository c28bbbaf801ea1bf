package sheet_test

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/sheet"
)

var people = sheet.Options{Columns: []string{"email", "surname"}, Optional: []string{"phone"}}

// seen is a row as the test writes it: number, email, surname, phone; or the number and why refused.
func seen(row sheet.Row) string {
	if row.Refused != nil {
		return fmt.Sprintf("%d refused", row.Number)
	}
	return fmt.Sprintf("%d %s|%s|%s", row.Number, row.Get("email"), row.Get("surname"), row.Get("phone"))
}

func TestRead(t *testing.T) {
	tests := []struct {
		name, in string
		want     []string
	}{
		{"plain", "email,surname\nann@nhs.net,Smith\n", []string{"2 ann@nhs.net|Smith|"}},
		{"no line end at the end", "email,surname\nann@nhs.net,Smith", []string{"2 ann@nhs.net|Smith|"}},
		{"mark before, Windows line ends", "\ufeffemail,surname\r\nann@nhs.net,Smith\r\n", []string{"2 ann@nhs.net|Smith|"}},
		{"other order, other case, columns nobody asked for", "Surname,x,E-Mail , PHONE \nSmith,1,ann@nhs.net, 0161 \n", []string{"2 ann@nhs.net|Smith|0161"}},
		{"quoted commas and quotes", "email,surname\nann@nhs.net,\"Smith, \"\"A\"\"\"\n", []string{`2 ann@nhs.net|Smith, "A"|`}},
		{"line break in a cell is one row", "email,surname\na,\"x\ny\nz\"\nb,w\n", []string{"2 a|x\ny\nz|", "3 b|w|"}},
		{"line break in an inner cell", "email,surname,phone\n\"a\nb\",x,1\nc,y,2\n", []string{"2 a\nb|x|1", "3 c|y|2"}},
		{"line break in the heading", "email,\"surname\n\"\na,x\n", []string{"2 a|x|"}},
		{"blank lines are rows of the spreadsheet", "email,surname\n\na,x\n\n\nb,y\n", []string{"3 a|x|", "6 b|y|"}},
		{"blank line before the heading", "\nemail,surname\na,x\n", []string{"3 a|x|"}},
		{"too many and too few columns", "email,surname\na\nb,x\nc,y,z\nd,w\n", []string{"2 refused", "3 b|x|", "4 refused", "5 d|w|"}},
		{"quote in the wrong place", "email,surname\na\"b,x\nc,y\n", []string{"2 refused", "3 c|y|"}},
		{"quote never closed", "email,surname\na,x\nb,\"y\nc,z\n", []string{"2 a|x|", "3 refused"}},
		{"NUL", "email,surname\na\x00,x\nb,y\n", []string{"2 refused", "3 b|y|"}},
		{"heading alone", "email,surname\n", nil},
		{"a comma at the end of each row", "email,surname\na,x,\nb,y,,\n", []string{"2 a|x|", "3 b|y|"}},
		{"a comma at the end of the heading", "email,surname,\na,x\nb,y,\nc,z,1\n", []string{"2 a|x|", "3 b|y|", "4 c|z|"}},
		{"a value beyond the heading", "email,surname\na,x,,1\nb,y\n", []string{"2 refused", "3 b|y|"}},
		{"semicolons", "email;surname\na;\"x;y\"\n", []string{"2 a|x;y|"}},
		{"semicolons and quotes", "\"email\";\"surname\"\n\"a\";\"x, y\"\n", []string{"2 a|x, y|"}},
		{"tabs", "email\tsurname\na\tx\n", []string{"2 a|x|"}},
		{"bars", "email|surname\na|x\n", []string{"2 a|x|"}},
		{"the sign ¬ in UTF-8", "email¬surname\r\na¬x\r\n", []string{"2 a|x|"}},
		{"the sign ¬ in Windows-1252", "email\xacsurname\r\na\xacRen\xe9\r\n", []string{"2 a|René|"}},
		{"Windows-1252", "email,surname\na,Ren\xe9\nb,\x93O\x92Neill\x94\nc,CAF\xc9\x92S\n", []string{"2 a|René|", "3 b|“O’Neill”|", "4 c|CAFÉ’S|"}},
		{"a cell that Safe has guarded", "email,surname,phone\na,'quoted','+44 161\n", []string{"2 a|'quoted'|+44 161"}},
	}
	for _, tt := range tests {
		got, err := all(tt.in, people)
		if err != nil || strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
			t.Errorf("%s: rows %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
}

func TestReadWithoutHeading(t *testing.T) {
	o := sheet.Options{Headless: true, Columns: []string{"email", "", "surname"}}
	got, err := all("a,1,x\nb,y\nc,2,z\n", o)
	if want := "1 a|x|\n2 refused\n3 c|z|"; err != nil || strings.Join(got, "\n") != want {
		t.Errorf("rows %q, %v; want %q", got, err, want)
	}
	for name, bad := range map[string]sheet.Options{"no columns": {Headless: true}, "a column twice": {Headless: true, Columns: []string{"a", "a"}}} {
		if _, err := open(strings.NewReader("a,b\n"), bad); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}

func TestRefusedRowsSayWhy(t *testing.T) {
	tests := []struct{ name, in, message string }{
		{"too few", "email,surname\na\n", "Row 2 has 1 column where the file has 2."},
		{"too many", "email,surname\na,b,c\n", "Row 2 has 3 columns where the file has 2."},
		{"quote", "email,surname\na\"b,x\n", "Row 2 has a double quote in the wrong place."},
		{"open quote", "email,surname\na,\"x\nb,y\n", "Row 2 has a double quote that is not closed; lines 2 to 3 of the file were taken for one row."},
		{"NUL", "email,surname\na,x\x00\n", "Row 2, column surname contains a NUL character."},
	}
	for _, tt := range tests {
		r, err := open(strings.NewReader(tt.in), people)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		row, err := r.Next()
		f, ok := fault.From(row.Refused)
		if err != nil || !ok || f.Message != tt.message {
			t.Errorf("%s: %v, %v; want %q", tt.name, row.Refused, err, tt.message)
		}
		if row.Get("email") != "" {
			t.Errorf("%s: a refused row has a value", tt.name)
		}
	}
}

func TestFilesRefused(t *testing.T) {
	if _, err := all("email,surname\na,x\n", people); err != nil {
		t.Fatalf("an honest file: %v", err)
	}
	small := sheet.Options{Columns: []string{"email"}, MaxRows: smallRows}
	if rows, err := all("email\n1\n2\n", small); err != nil || len(rows) != 2 {
		t.Fatalf("a file as large as it may be: %v", err)
	}
	tests := []struct {
		name, in, message, cure string
		o                       sheet.Options
	}{
		{"empty", "", "The file is empty.", "with rows in it", people},
		{"empty but for line ends", "\r\n\n", "The file is empty.", "with rows in it", people},
		{"empty, without a heading", "", "The file is empty.", "with rows in it", sheet.Options{Headless: true, Columns: []string{"a"}}},
		{"column missing", "email,name\na,x\n", "The file has no column surname.", "email, surname", people},
		{"both missing", "a,b\n", "The file has no column email, surname.", "email, surname", people},
		{"column twice", "email,surname,E-mail\na,x,b\n", "The column email is there twice.", "rename", people},
		{"optional column twice", "email,surname,phone,Phone\na,x,1,2\n", "The column phone is there twice.", "rename", people},
		{"Windows-1252 after UTF-8", "email,surname\na,Ren\u00e9\nb,Ren\xe9\n", "Row 3, column surname contains characters that are neither in UTF-8 nor, like the rest of the file, in Windows-1252.", "CSV UTF-8", people},
		{"UTF-8 after Windows-1252", "email,surname\na,Ren\xe9\nb,Ren\u00e9\n", "Row 3, column surname contains characters that are neither in UTF-8 nor, like the rest of the file, in Windows-1252.", "CSV UTF-8", people},
		{"a byte of no encoding", "email,surname,pr\x81nom\n", "Row 1, column number 3 contains characters that are neither in UTF-8 nor, like the rest of the file, in Windows-1252.", "CSV UTF-8", people},
		{"half a character in UTF-16", "\xff\xfe" + wide("email,surname\na,x") + "\x00\xd8" + wide("\n"), "Row 2, column surname contains characters that are neither in UTF-8 nor, like the rest of the file, in Windows-1252.", "CSV UTF-8", people},
		{"UTF-16 that lacks a column", "\xff\xfe" + wide("email\na\n"), "The file has no column surname.", "email, surname", people},
		{"archive", "PK\x03\x04etc", "The file is an archive or a damaged workbook.", "UTF-8", people},
		{"workbook as Excel pads it", "PK\x03\x04[Content_Types].xml" + strings.Repeat("\x00", 500), "The file is an archive or a damaged workbook.", "UTF-8", people},
		{"workbook of before 2007", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + strings.Repeat("\x00", 500), "The file is a workbook with a password, or of Excel before 2007.", "UTF-8", people},
		{"quote in the heading", "em\"ail,surname\n", "Row 1 has a double quote in the wrong place.", "twice", people},
		{"too large", "email\n1\n2\n\n\n\n", "The file is larger than 12 bytes.", "smaller", small},
		{"too many rows", "email\n1\n2\n3\n", "The file has more than 2 rows.", "smaller", small},
	}
	for _, tt := range tests {
		_, err := all(tt.in, tt.o)
		f, ok := fault.From(err)
		if !ok || !errors.Is(err, fault.Invalid) || f.Message != tt.message || !strings.Contains(f.Cure, tt.cure) {
			t.Errorf("%s: %#v; want %q, cure with %q", tt.name, err, tt.message, tt.cure)
		}
	}
}

// Programs write more than rows: a first line that names what stands between the columns, and line ends of their own.
func TestFilesAsProgramsWriteThem(t *testing.T) {
	for name, in := range map[string]string{
		"line ends of an old Macintosh":   "email,surname\ra,x\r\rb,y\r",
		"a line that names semicolons":    "sep=;\r\nemail;surname\r\na;x\r\n\r\nb;y\r\n",
		"a line that names tabs":          "\xef\xbb\xbfSEP=\t\nemail\tsurname\na\tx\n\nb\ty\n",
		"UTF-16, as Excel's Unicode Text": "\xff\xfe" + wide("email\tsurname\r\na\tx\r\n\r\nb\ty\r\n"),
		"UTF-16 without its mark":         wide("email,surname\na,x\n\nb,y\n"),
		"UTF-16 of the other order":       "\xfe\xff" + swapped(wide("email,surname\na,x\n\nb,y\n")),
		"both":                            "sep=|\remail|surname\ra|x\r\rb|y",
	} {
		rows, err := all(in, people)
		if err != nil || len(rows) != 2 {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
			continue
		}
		if got := rows[1]; got != "4 b|y|" {
			t.Errorf("%s: the second row is %q", name, got)
		}
	}
	if _, err := all("sep=;", people); err == nil {
		t.Error("a file that only names what stands between its columns was read")
	}
	f, err := sheet.Look(strings.NewReader("surname,email,surname,phone\na,b,c,d\n"), 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := f.Lacks(sheet.Options{Columns: []string{"surname", "email", "phone"}}); len(got) != 0 {
		t.Errorf("a file with a column twice lacks %q", got)
	}
}

// What a refused row holds can be given back, to be put right.
func TestRefusedRowsGiveBackWhatStoodThere(t *testing.T) {
	r, err := open(strings.NewReader("email,surname\r\n\r\na\r\nb\"x,\"y\r\nc,z\r\n\"d,w\n\"e,v\n"), people)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range [][]string{{"a"}, {"b\"x,\"y"}, {"c", "z"}, {"\"d,w\n\"e,v"}} {
		row, err := r.Next()
		if got := row.Original(); err != nil || !slices.Equal(got, want) {
			t.Errorf("row %d: %q, %v; want %q", row.Number, got, err, want)
		}
	}
	if got := r.Heading(); !slices.Equal(got, []string{"email", "surname"}) {
		t.Errorf("heading %q", got)
	}
}

func TestNotesSayWhichCharactersAFileHas(t *testing.T) {
	for in, want := range map[string]string{
		"email,surname\na,x\n": "", "email,surname\na,Ren\u00e9\n": "",
		"email,surname\na,Ren\xe9\n": "The characters are in Windows-1252, not UTF-8, and were read so.",
	} {
		r, err := open(strings.NewReader(in), people)
		for err == nil {
			_, err = r.Next()
		}
		if got := strings.Join(r.Notes(), " "); got != want {
			t.Errorf("%q: notes %q, want %q", in, got, want)
		}
	}
}

func TestColumnsUnderOtherHeadings(t *testing.T) {
	o := sheet.Options{Columns: []string{"email", "surname"}, Aliases: map[string][]string{
		"surname": {"LAST_NAME_(FAMILY)", "name"}}}
	for _, in := range []string{"email,last name family\na,x\n", "Name,EMAIL,LastNameFamily\nz,a,x\n",
		"name,email\nx,a\n", "name,surname,email\nz,x,a\n"} {
		if got, err := all(in, o); err != nil || strings.Join(got, "") != "2 a|x|" {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
}

func TestTheBeginningOfAFileIsLookedAt(t *testing.T) {
	long := "email,surname\n" + strings.Repeat("a,\"x\ny\"\n", 20_000)
	f, err := sheet.Look(strings.NewReader(long), 0)
	if err != nil {
		t.Fatal(err)
	}
	if first := f.First(3); len(first) != 3 || first[2][1] != "x\ny" || f.Separator() != "commas" {
		t.Errorf("first rows %q", first)
	}
	if lacks := f.Lacks(sheet.Options{Columns: []string{"surname", "phone", "title"}}); !slices.Equal(lacks,
		[]string{"phone", "title"}) {
		t.Errorf("lacks %q", lacks)
	}
	r, err := f.Open(people)
	rows := 0
	for ; err == nil; rows++ {
		_, err = r.Next()
	}
	if rows != 20_001 || !errors.Is(err, io.EOF) {
		t.Errorf("%d rows after looking, %v", rows-1, err)
	}
	if first := (func() [][]string {
		f, err := sheet.Look(strings.NewReader("a,b\n\"c,d\n"), 0)
		if err != nil {
			t.Fatal(err)
		}
		return f.First(9)
	})(); len(first) != 1 {
		t.Errorf("rows up to the one that cannot be read: %q", first)
	}
}

func TestSourceThatFails(t *testing.T) {
	broken := errors.New("disk gone")
	src := io.MultiReader(strings.NewReader("email,surname\na,x\n"), iotest.ErrReader(broken))
	r, err := open(src, people)
	for err == nil {
		_, err = r.Next()
	}
	if _, isFault := fault.From(err); !errors.Is(err, broken) || isFault {
		t.Errorf("got %v, want the error of the source, without words for people", err)
	}
}

func TestEmptyAndHas(t *testing.T) {
	r, err := open(strings.NewReader("email,surname\n , \na,x\n"), people)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Has("email") || r.Has("phone") {
		t.Error("Has does not tell the columns that are there from those that are not")
	}
	for _, want := range []bool{true, false} {
		if row, err := r.Next(); err != nil || row.Empty() != want {
			t.Errorf("row %d: Empty = %v, %v", row.Number, row.Empty(), err)
		}
	}
}

func TestSafe(t *testing.T) {
	same := []string{"", "Ann", "0161 496 0000", "-2.39", "-5", "12", "a=b", "ann@nhs.net", "'quoted", "O'Neill", " Ann"}
	for _, s := range same {
		if got := sheet.Safe(s); got != s {
			t.Errorf("Safe(%q) = %q, want it as it was", s, got)
		}
	}
	guarded := []string{"=1+1", "+44 161 496 0000", "+44", "-2+3", "--1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u00a0=1", "＝1+1", "-1-1|cmd", "|cmd", "-"}
	for _, s := range guarded {
		if got := sheet.Safe(s); got != "'"+s {
			t.Errorf("Safe(%q) = %q, want an apostrophe before it", s, got)
		}
	}
	if got := strings.Join(sheet.SafeRow("a", "=b"), ","); got != "a,'=b" {
		t.Errorf("SafeRow = %q", got)
	}
}

// Whatever comes, reading ends, row numbers rise, and what a refused row holds is not shown.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"email,surname\na,x\n", "email,surname\n\"a\n\",x\n\n\nb\n", "\ufeffemail,surname\r\na,\"x\r\ny\"\r\n", "email,surname\na\"\"b,\"c\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		r, err := open(strings.NewReader(s), people)
		if err != nil {
			return
		}
		last := 1
		for rows := 0; ; rows++ {
			row, err := r.Next()
			if err != nil {
				if _, ok := fault.From(err); !ok && !errors.Is(err, io.EOF) {
					t.Fatalf("neither the end nor a fault: %v", err)
				}
				return
			}
			if row.Number <= last || rows > len(s) {
				t.Fatalf("row %d after row %d", row.Number, last)
			}
			last = row.Number
			if row.Refused != nil && row.Get("email")+row.Get("surname") != "" {
				t.Fatalf("row %d was refused and yet has values", row.Number)
			}
		}
	})
}

// What we write and guard comes back row for row with the numbers a spreadsheet gives.
func FuzzNumbers(f *testing.F) {
	f.Add("a\nb", "c", "d\r\n", "e")
	f.Add("", "x", "\"", ",")
	f.Fuzz(func(t *testing.T, a, b, c, d string) {
		var out strings.Builder
		w := csv.NewWriter(&out)
		rows := [][]string{{"email", "surname"}, sheet.SafeRow("x"+a, b), sheet.SafeRow("x"+c, d)}
		if err := w.WriteAll(rows); err != nil {
			return
		}
		r, err := open(strings.NewReader(out.String()), people)
		if err != nil {
			t.Fatal(err)
		}
		for n := 2; n <= 3; n++ {
			row, err := r.Next()
			if err != nil {
				return // not UTF-8
			}
			if row.Number != n {
				t.Fatalf("row %d of %q has the number %d", n, out.String(), row.Number)
			}
		}
	})
}

func all(in string, o sheet.Options) ([]string, error) {
	r, err := open(strings.NewReader(in), o)
	if err != nil {
		return nil, err
	}
	var rows []string
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return rows, err
		}
		rows = append(rows, seen(row))
	}
}

// Files of so few rows have few bytes in these tests.
const (
	smallRows  = 2
	smallBytes = 12
)

// open looks at a file and begins to read its rows.
func open(src io.Reader, o sheet.Options) (*sheet.Reader, error) {
	maxBytes := int64(0)
	if o.MaxRows == smallRows {
		maxBytes = smallBytes
	}
	f, err := sheet.Look(src, maxBytes)
	if err != nil {
		return nil, err
	}
	return f.Open(o)
}

// A file that we write has a heading and lines that end as RFC 4180 has it, and nothing in it runs in a spreadsheet.
func TestFilesWeWrite(t *testing.T) {
	file, err := sheet.CSV([]string{"name", "why"}, [][]string{{"Ann", `says "no"`}, {"=1+1", "two\nlines"}})
	want := "name,why\r\nAnn,\"says \"\"no\"\"\"\r\n" + sheet.Safe("=1+1") + ",\"two\r\nlines\"\r\n"
	if err != nil || string(file) != want || sheet.Safe("=1+1") == "=1+1" {
		t.Errorf("%q, want %q: %v", file, want, err)
	}
}

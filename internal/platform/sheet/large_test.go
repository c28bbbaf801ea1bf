package sheet_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"signpost/internal/platform/sheet"
)

var largeOptions = sheet.Options{Columns: []string{"name", "email"}, Optional: []string{"note", "age"},
	Aliases: map[string][]string{"email": {"e-mail address"}}}

// oneRow is what becomes of a row.
type oneRow struct {
	number  int
	refused string
	cells   string
}

func sourceOf(text string) sheet.Source {
	return func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
}

func largeRows(text string) (rows []oneRow, about sheet.About, err error) {
	parts, about, err := sheet.ReadLarge(sourceOf(text), largeOptions, func() *[]oneRow { return new([]oneRow) },
		func(rows *[]oneRow, c *sheet.Cells) {
			one := oneRow{number: c.Number, cells: fmt.Sprintf("%q", [][]byte{c.Get(0), c.Get(1), c.Get(2), c.Get(3)})}
			if c.Refused != nil {
				one.refused = c.Refused.Error()
			}
			*rows = append(*rows, one)
		})
	for _, part := range parts {
		rows = append(rows, *part...)
	}
	slices.SortFunc(rows, func(a, b oneRow) int { return a.number - b.number })
	return rows, about, err
}

func slowRows(text string) (rows []oneRow, err error) {
	file, err := sheet.Look(strings.NewReader(text), 0)
	if err != nil {
		return nil, err
	}
	reader, err := file.Open(largeOptions)
	for err == nil {
		var r sheet.Row
		if r, err = reader.Next(); err != nil {
			break
		}
		one := oneRow{number: r.Number, cells: fmt.Sprintf("%q", []string{r.Get("name"), r.Get("email"), r.Get("note"),
			r.Get("age")})}
		if r.Refused != nil {
			one.refused = r.Refused.Error()
		}
		rows = append(rows, one)
	}
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return rows, err
}

// sameBothWays reads a file on all processors and by a Reader, and gives the rows.
func sameBothWays(t *testing.T, text string) []oneRow {
	t.Helper()
	rows, _, err := largeRows(text)
	want, wantErr := slowRows(text)
	if fmt.Sprint(err) != fmt.Sprint(wantErr) {
		t.Fatalf("error %v, a Reader gives %v, of:\n%.500q", err, wantErr, text)
	}
	if err == nil && !slices.Equal(rows, want) {
		for i := range want {
			if i >= len(rows) || rows[i] != want[i] {
				t.Fatalf("row %d is %+v, a Reader gives %+v, of:\n%.500q", i, slices.Concat(rows, []oneRow{{}})[min(i, len(rows))],
					want[i], text)
			}
		}
		t.Fatalf("%d rows, a Reader gives %d, of:\n%.500q", len(rows), len(want), text)
	}
	return rows
}

func TestLargeFilesAreReadAsSmallOnes(t *testing.T) {
	for name, text := range map[string]string{
		"plain":                   "name,email\nAnn,a@b.uk\nBo,b@b.uk\n",
		"no line end":             "name,email\nAnn,a@b.uk",
		"byte order mark":         "\ufeffname,email\nAnn,a@b.uk\n",
		"a short heading":         "name,email\n",
		"other headings":          "Age;E-Mail Address;Name\r\n7;a@b.uk;Ann\r\n;;\r\n\r\n9; b@b.uk ;'=Bo\r\n",
		"named separator":         "sep=;\nname;email\nAnn;a@b.uk\n",
		"blank lines":             "\n\nname,email\n\nAnn,a@b.uk\n\n\nBo,b@b.uk\n\n",
		"quoted":                  "name,email,note\n\"Ann \"\"A\"\"\",a@b.uk,\"one\ntwo\r\nthree\"\nBo,b@b.uk,\"\"\n\"\",\"\",\"x\"",
		"too few and too many":    "name,email\nAnn\nBo,b@b.uk,x\nCy,c@b.uk,,\nDi,d@b.uk\n",
		"a quote in a cell":       "name,email\nAnn 5\" x,a@b.uk\nBo,b@b.uk\n",
		"a quote that stays open": "name,email\n\"Ann,a@b.uk\nBo,b@b.uk\n",
		"a NUL":                   "name,email\nAnn\x00,a@b.uk\nBo,b@b.uk\n",
		"Windows-1252":            "name,email\nSi\xe2n,a@b.uk\nBo,b@b.uk\n",
		"accents":                 "name,email\nSiân,a@b.uk\n\u00a0Bo\u00a0,b@b.uk\n",
		"old Macintosh":           "name,email\rAnn,a@b.uk\rBo,b@b.uk\r",
		"the sign ¬":              "name¬email\nAnn¬a@b.uk\n",
		"UTF-16":                  "\xff\xfen\x00a\x00m\x00e\x00,\x00e\x00m\x00a\x00i\x00l\x00\n\x00A\x00,\x00b\x00\n\x00",
		"a column that lacks":     "name\nAnn\n",
		"a column twice":          "name,email,Name\nAnn,a@b.uk,x\n",
		"empty":                   "",
		"carriage return at end":  "name,email\nAnn,a@b.uk\r",
	} {
		t.Run(name, func(t *testing.T) { sameBothWays(t, text) })
	}
}

// A file of many blocks has each row once, under its number, whatever stands in it and wherever a block ends.
func TestRowsOfManyBlocks(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 14))
	cells := []string{"Ann", "", "x y", "\"q, r\"", "\"two\nlines\"", "\"\"\"\"", "Siân", "'=1", "  spaced ", "a long cell indeed"}
	for range 6 {
		var text bytes.Buffer
		text.WriteString("name,email,note\n")
		for text.Len() < 3<<20 {
			for i := range 3 {
				if i > 0 {
					text.WriteByte(',')
				}
				text.WriteString(cells[random.IntN(len(cells))])
			}
			text.WriteString([]string{"\n", "\r\n", "\n\n"}[random.IntN(3)])
		}
		if rows := sameBothWays(t, text.String()); len(rows) < 100_000 {
			t.Fatalf("%d rows", len(rows))
		}
	}
}

// More rows than are taken are refused, as a Reader refuses them, and so many are taken.
func TestLargeFilesHaveAnEnd(t *testing.T) {
	for rows, refused := range map[int]bool{3: false, 4: true} {
		o := largeOptions
		o.MaxRows = 3
		text := "name,email\n" + strings.Repeat("Ann,a@b.uk\n", rows)
		_, _, err := sheet.ReadLarge(sourceOf(text), o, func() *int { return new(int) }, func(*int, *sheet.Cells) {})
		if (err != nil) != refused || refused && !strings.Contains(err.Error(), "more than 3 rows") {
			t.Errorf("%d rows: %v", rows, err)
		}
	}
}

func TestLargeFilesSayHowTheyWereRead(t *testing.T) {
	_, about, err := largeRows("Age;E-Mail Address;Name\n7;a@b.uk;Ann\n")
	if err != nil {
		t.Fatal(err)
	}
	if about.Separator != "semicolons" || about.Under["email"] != "E-Mail Address" || about.Under["age"] != "Age" ||
		len(about.Heading) != 3 || about.Under["note"] != "" {
		t.Errorf("about %+v", about)
	}
}

func FuzzLargeFilesAreReadAsSmallOnes(f *testing.F) {
	f.Add("name,email\nAnn,\"a\"\"\n\"\r\n\n,,,\n")
	f.Add("\ufeffname;email\r\n\"x\";y")
	f.Fuzz(func(t *testing.T, text string) { sameBothWays(t, text) })
}

// BenchmarkReadLarge reads 1,500,000 rows, beside how long it takes to look for the line ends alone.
func BenchmarkReadLarge(b *testing.B) {
	var text bytes.Buffer
	text.WriteString("name,email,note,age\n")
	for i := range 1_500_000 {
		fmt.Fprintf(&text, "Given%d Family%d,given%d.family%d@trust%d.nhs.uk,something said,%d\n", i, i, i, i, i%500, i%90)
	}
	file := text.String()
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		_, _, err := sheet.ReadLarge(sourceOf(file), largeOptions, func() *int { return new(int) },
			func(n *int, c *sheet.Cells) { *n += len(c.Get(1)) })
		if err != nil {
			b.Fatal(err)
		}
	}
}

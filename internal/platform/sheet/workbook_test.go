package sheet_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"signpost/internal/platform/sheet"
)

// workbook makes one with a hidden sheet, an empty one and one with rows.
func workbook(t *testing.T, rows [][]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"Notes", "People"} {
		_, err := book.NewSheet(name)
		must(err)
	}
	must(book.SetCellStr("Sheet1", "A1", "hidden"))
	book.SetActiveSheet(1)
	must(book.SetSheetVisible("Sheet1", false))
	for i, row := range rows {
		must(book.SetSheetRow("People", fmt.Sprintf("A%d", i+1), &row))
	}
	var file bytes.Buffer
	must(book.Write(&file))
	must(book.Close())
	return file.Bytes()
}

var workbookRows = [][]any{
	{"Name", "E-mail address", "Note", "Age"},
	{"Ann", "a@b.uk", "two\nlines, and \"quotes\"", 7},
	{},
	{"Siân", "s@b.uk"},
}

// The rows of a workbook are read as those of CSV are, under the numbers that the spreadsheet program shows.
func TestWorkbooks(t *testing.T) {
	file := string(workbook(t, workbookRows))
	rows, about, err := largeRows(file)
	if err != nil {
		t.Fatal(err)
	}
	want := []oneRow{
		{2, "", `["Ann" "a@b.uk" "two\nlines, and \"quotes\"" "7"]`}, {4, "", `["Siân" "s@b.uk" "" ""]`},
	}
	if !slices.Equal(rows, want) {
		t.Errorf("rows %v, want %v", rows, want)
	}
	if !slices.Equal(about.Notes, []string{`The file is a workbook. Its sheet "People" was read.`}) {
		t.Errorf("notes %q", about.Notes)
	}
	slow, err := slowRows(file)
	if err != nil || !slices.Equal(slow, want) {
		t.Errorf("a Reader gives %v, %v", slow, err)
	}
}

func TestWorkbooksWithoutRows(t *testing.T) {
	_, err := sheet.Look(bytes.NewReader(workbook(t, nil)), 0)
	if err == nil || !strings.Contains(err.Error(), "No sheet of the workbook has rows") {
		t.Errorf("error %v", err)
	}
}

// A workbook that is small as a file and large unpacked is refused by whoever takes small files alone.
func TestWorkbooksThatUnpackToMuch(t *testing.T) {
	rows := [][]any{{"name", "email"}}
	for range 2_000 {
		rows = append(rows, []any{strings.Repeat("a", 1_000), strings.Repeat("b", 1_000)})
	}
	file := workbook(t, rows)
	if _, err := sheet.Look(bytes.NewReader(file), 0); err != nil {
		t.Fatalf("where large files are taken: %v", err)
	}
	maxBytes := int64(len(file) + 1)
	if maxBytes > 100<<10 {
		t.Fatalf("the file is not small: %d bytes", maxBytes)
	}
	if _, err := sheet.Look(bytes.NewReader(file), maxBytes); err == nil {
		t.Error("it was unpacked")
	}
	if _, err := sheet.Look(io.LimitReader(bytes.NewReader(file), 500), 0); err == nil {
		t.Error("half a workbook was read")
	}
}

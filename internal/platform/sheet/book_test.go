package sheet_test

import (
	"bytes"
	"testing"

	"github.com/xuri/excelize/v2"

	"signpost/internal/platform/sheet"
)

// Cells of a workbook are text as it was written, and none is a formula.
func TestABookIsText(t *testing.T) {
	want := [][]string{{"number", "name"}, {"007", "=HYPERLINK(\"x\")"}, {"+44", "Siân\x01"}}
	content, err := sheet.Book(want[0], want[1:])
	if err != nil {
		t.Fatal(err)
	}
	book, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := book.GetRows(book.GetSheetName(0))
	if err != nil || len(rows) != len(want) {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	want[2][1] = "Siân\ufffd" // what no workbook can have
	for n, row := range rows {
		for i, cell := range row {
			if cell != want[n][i] {
				t.Errorf("row %d: %q, want %q", n+1, cell, want[n][i])
			}
		}
	}
	if formula, err := book.GetCellFormula(book.GetSheetName(0), "B2"); formula != "" || err != nil {
		t.Errorf("a cell is a formula: %q, %v", formula, err)
	}
}

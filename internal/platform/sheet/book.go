package sheet

import (
	"bytes"
	"fmt"

	"github.com/xuri/excelize/v2"
)

// XLSX is the type of a workbook.
const XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// Book writes a workbook with one sheet of rows under their heading. Each cell is text, which no spreadsheet program
// runs, and stays as it was written: a number keeps its zeros.
func Book(head []string, rows [][]string) ([]byte, error) {
	book := excelize.NewFile()
	defer func() { _ = book.Close() }() // what it wrote into files
	out, err := book.NewStreamWriter(book.GetSheetName(0))
	if err != nil {
		return nil, fmt.Errorf("write a workbook: %w", err)
	}
	for n, row := range append([][]string{head}, rows...) {
		cells := make([]any, len(row))
		for i, c := range row {
			cells[i] = c
		}
		if err := out.SetRow(fmt.Sprintf("A%d", n+1), cells); err != nil {
			return nil, fmt.Errorf("write row %d of a workbook: %w", n+1, err)
		}
	}
	if err := out.Flush(); err != nil {
		return nil, fmt.Errorf("write a workbook: %w", err)
	}
	var file bytes.Buffer
	if err := book.Write(&file); err != nil {
		return nil, fmt.Errorf("write a workbook: %w", err)
	}
	return file.Bytes(), nil
}

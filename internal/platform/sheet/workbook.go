package sheet

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"

	"signpost/internal/platform/fault"
)

// What a workbook may take, in bytes: as a file, which is a ZIP archive, and unpacked, there also by how many times the
// largest file that is taken. And how many of its sheets are looked at.
const (
	maxWorkbook      = 64 << 20
	maxUnpacked      = 1 << 30
	maxUnpackedTimes = 32
	maxSheets        = 20 // that are looked through for rows
)

// workbookText gives the rows of a workbook as CSV, and a note that says from which of its sheets. It is the first
// sheet that can be seen and has rows. maxBytes is how large a file is taken.
func workbookText(raw io.Reader, maxBytes int64) (*bufio.Reader, string, error) {
	content, err := io.ReadAll(io.LimitReader(raw, maxWorkbook+1))
	if err != nil {
		return nil, "", readError(err)
	}
	if len(content) > maxWorkbook {
		return nil, "", fault.SayCure(fault.Invalid, "The workbook is larger than "+size(maxWorkbook)+".",
			"Save the sheet as \"CSV UTF-8\".")
	}
	limit := min(maxUnpacked, maxUnpackedTimes*maxBytes)
	book, err := openWorkbook(content, limit)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = book.Close() }() // it was only read
	names := book.GetSheetList()
	for _, name := range names[:min(len(names), maxSheets)] {
		if seen, err := book.GetSheetVisible(name); err != nil || !seen {
			continue
		}
		text, err := sheetText(book, name, limit)
		if err != nil {
			return nil, "", err
		}
		if strings.TrimSpace(strings.Trim(text.String(), ",\"\n")) != "" {
			note := fmt.Sprintf("The file is a workbook. Its sheet %q was read.", name)
			return bufio.NewReaderSize(text, beginning), note, nil
		}
	}
	return nil, "", fault.SayCure(fault.Invalid, "No sheet of the workbook has rows.", "Choose a file with rows in it.")
}

// openWorkbook opens a workbook that is within all bounds.
func openWorkbook(content []byte, limit int64) (*excelize.File, error) {
	if bytes.HasPrefix(content, oldWorkbook) {
		return nil, noWorkbook(content)
	}
	if err := checkWorkbook(content, limit); err != nil {
		if errors.Is(err, errDamaged) {
			err = noWorkbook(content)
		}
		return nil, err
	}
	book, err := excelize.OpenReader(bytes.NewReader(content), excelize.Options{UnzipSizeLimit: limit})
	if err == nil {
		return book, nil
	}
	if book != nil {
		_ = book.Close() // what it unpacked into files
	}
	return nil, noWorkbook(content)
}

// noWorkbook says what to do about a file that begins as workbooks do and cannot be read as one.
func noWorkbook(content []byte) error {
	if bytes.HasPrefix(content, oldWorkbook) {
		return fault.SayCure(fault.Invalid, "The file is a workbook with a password, or of Excel before 2007.",
			"Open it in a spreadsheet program and save it as \"CSV UTF-8\", or as .xlsx without a password.")
	}
	return fault.SayCure(fault.Invalid, "The file is an archive or a damaged workbook.",
		"Open it in a spreadsheet program and save it as \"CSV UTF-8\" or .xlsx.")
}

// sheetText writes the rows of a sheet as CSV, of at most so many bytes: a text that stands once in a workbook may be
// that of many cells. Cells that are left out at the end of a row are empty.
func sheetText(book *excelize.File, name string, limit int64) (*bytes.Buffer, error) {
	rows, err := book.Rows(name)
	if err != nil {
		return nil, fmt.Errorf("read the sheet %s: %w", name, err)
	}
	var text bytes.Buffer
	writer := csv.NewWriter(&text)
	width := 0
	for rows.Next() {
		cells, err := rows.Columns()
		if err != nil {
			_ = rows.Close() // it was only read
			return nil, fmt.Errorf("read the sheet %s: %w", name, err)
		}
		width = max(width, len(cells))
		err = writer.Write(padded(cells, width))
		if err == nil && int64(text.Len()) > limit {
			err = errTooMuch
		}
		if err != nil {
			_ = rows.Close() // it was only read
			return nil, readError(err)
		}
	}
	writer.Flush()
	if err := errors.Join(writer.Error(), rows.Error(), rows.Close()); err != nil {
		return nil, fmt.Errorf("read the sheet %s: %w", name, err)
	}
	return &text, nil
}

// padded is a row with as many cells as the longest before it. A row without any is a blank line.
func padded(cells []string, width int) []string {
	if len(cells) == 0 {
		return nil
	}
	return append(slices.Clip(cells), make([]string, width-len(cells))...)
}

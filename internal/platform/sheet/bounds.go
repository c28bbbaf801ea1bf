package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"unicode/utf8"

	"signpost/internal/platform/fault"
)

// What one row, one text and one format of a workbook may take, in bytes, and one row in cells. Spreadsheet programs
// write 16,384 cells a row, texts of 32,767 letters, and formats of 255. Somebody else can write a file of a few
// kilobytes in which one text is shown by a million cells of one row, and a row is held whole.
const (
	maxCellText = 32_767 * utf8.UTFMax
	maxRowCells = 16_384
	maxFormat   = 255 * utf8.UTFMax
)

var (
	errTooMuch = fault.SayCure(fault.Invalid, "The workbook has too much in it.", "Split it into smaller files.")
	errDamaged = errors.New("no workbook that a spreadsheet program writes")
)

// checkWorkbook refuses a workbook that, unpacked, takes more than limit in bytes, and one of which a row does. Every
// file in it is looked at, as any of them can be read as a sheet.
func checkWorkbook(content []byte, limit int64) error {
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return errDamaged
	}
	left := uint64(max(limit, 0))
	for _, file := range archive.File {
		if file.UncompressedSize64 > left {
			return errTooMuch
		}
		left -= file.UncompressedSize64
	}
	var b bounds
	for _, file := range archive.File {
		if err := b.look(file); err != nil {
			return err
		}
	}
	if b.row() > min(limit, maxBlock) || b.styled*b.format > limit {
		return errTooMuch
	}
	return nil
}

// bounds are the largest things that were found in a workbook.
type bounds struct {
	sharedText int64 // bytes of the longest text that cells of all sheets may show
	rowCells   int64 // of the row with the most
	rowText    int64 // bytes of the row with the most text of its own
	styled     int64 // cells of all sheets that are shown in some format, which is read for each of them
	format     int64 // bytes of the longest format
}

// row is how many bytes a row may come to, at most: any cell may show the longest of the texts that cells share.
func (b *bounds) row() int64 { return b.rowCells*(b.sharedText+1) + b.rowText }

// look reads one file of a workbook to its end.
func (b *bounds) look(file *zip.File) error {
	src, err := file.Open()
	if err != nil {
		return errDamaged
	}
	defer func() { _ = src.Close() }() // it was only read
	if err := b.lookAt(src); err != nil {
		return err
	}
	if _, err := io.Copy(io.Discard, src); err != nil { //nolint:gosec // its size is known, and held to
		return errDamaged
	}
	return nil
}

// lookAt reads a file as far as it is XML, as whoever reads sheets does. A picture is none from its beginning.
func (b *bounds) lookAt(src io.Reader) error {
	var inOther bool // characters, while spreadsheet programs write UTF-8
	decoder := xml.NewDecoder(src)
	decoder.CharsetReader = func(string, io.Reader) (io.Reader, error) {
		inOther = true
		return nil, errDamaged
	}
	var p part
	for {
		token, err := decoder.RawToken()
		switch {
		case inOther:
			return errDamaged
		case err != nil:
			b.styled += p.styled
			return nil //nolint:nilerr // no more can be read of it as a sheet
		}
		if err := p.take(token); err != nil {
			return err
		}
		if p.isShared {
			b.sharedText = max(b.sharedText, p.text)
		}
		b.rowCells = max(b.rowCells, p.cells)
		b.rowText = max(b.rowText, p.rowText)
		b.format = max(b.format, p.format)
	}
}

// part is a file of a workbook, as far as it was read.
type part struct {
	row            int // its number
	cells, rowText int64
	depth          int  // within a cell or a shared text: 1 is that itself
	isShared       bool // it is a shared text
	text           int64
	styled, format int64
}

func (p *part) take(token xml.Token) error {
	switch t := token.(type) {
	case xml.StartElement:
		return p.begin(t)
	case xml.EndElement:
		p.depth = max(0, p.depth-1)
	case xml.CharData:
		return p.add(int64(len(t)))
	}
	return nil
}

func (p *part) begin(e xml.StartElement) error {
	name := e.Name.Local
	format := int64(len(attribute(e, "formatCode")))
	p.format = max(p.format, format)
	switch {
	case format > maxFormat:
		return errDamaged
	case p.depth > 0:
		p.depth++
	case name == "row":
		return p.beginRow(e)
	case name == "c" || name == "si":
		p.depth = 1
		p.text = 0
		p.isShared = name == "si"
		return p.beginCell(e)
	}
	return nil
}

func (p *part) beginCell(e xml.StartElement) error {
	if p.isShared {
		return nil
	}
	if attribute(e, "s") != "" {
		p.styled++
	}
	if p.cells++; p.cells > maxRowCells {
		return errTooMuch
	}
	return nil
}

// attribute is the last attribute of a name, in whatever namespace.
func attribute(e xml.StartElement, name string) (value string) {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			value = a.Value
		}
	}
	return value
}

// beginRow begins a row, whose number must come after that of the one before: two of one number would be one row.
func (p *part) beginRow(e xml.StartElement) error {
	number := p.row + 1
	for _, a := range e.Attr {
		if a.Name.Local != "r" {
			continue
		}
		read, err := strconv.Atoi(a.Value)
		if err != nil || read < number {
			return errDamaged
		}
		number = read
	}
	p.row = number
	p.cells = 0
	p.rowText = 0
	return nil
}

// add counts text.
func (p *part) add(n int64) error {
	if p.depth == 0 {
		return nil
	}
	if p.text += n; p.text > maxCellText {
		return errTooMuch
	}
	if !p.isShared {
		p.rowText += n
	}
	return nil
}

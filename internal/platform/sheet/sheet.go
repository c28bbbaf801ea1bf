// Package sheet reads the CSV files that people bring, row by row, and guards the cells of those that
// we hand out.
//
// It knows rows, columns and text. What a column means, and whether a value is good, is its caller's
// to say; the row number it gives is the one that a spreadsheet shows beside the row. A fault stops
// the file; a row that is merely malformed comes back refused, with why, and reading goes on.
package sheet

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"signpost/internal/platform/fault"
)

// Options say what a file must look like.
type Options struct {
	Columns  []string // with a heading: those that must be there. Without: all, in order
	Optional []string // with a heading: those that may be there
	// Other headings under which columns stand, by column. A heading that is the column's own goes first.
	Aliases  map[string][]string
	Headless bool // the first row is data
	MaxRows  int  // rows of data; zero: DefaultMaxRows
}

// What a file may hold where Options say nothing.
const (
	DefaultMaxBytes = 256 << 20
	DefaultMaxRows  = 2_000_000
)

// Reader reads a file row by row and holds one row at a time.
type Reader struct {
	file    *File
	csv     *csv.Reader
	record  *recorder
	text    string // of the last row, as it stands in the file
	options Options
	index   map[string]int // column → place in the record
	names   []string       // place in the record → heading as it stands in the file
	number  int            // of the last row, as a spreadsheet shows it
	lastEnd int            // the line of the file on which the last row ended
	rows    int            // rows of data given
}

// Row is one row of data.
type Row struct {
	Number  int    // as a spreadsheet shows it; the heading is row 1
	Refused error  // a fault saying why nothing can be made of the row; nil if something can
	text    string // of a row that is no row of cells
	cells   []string
	index   map[string]int
}

// Get is the cell in a column, without spaces around it; empty where the file has no such optional
// column or the row was refused.
func (r Row) Get(column string) string {
	i, ok := r.index[column]
	if !ok || i >= len(r.cells) || r.Refused != nil {
		return ""
	}
	return strings.TrimSpace(unguarded(r.cells[i]))
}

// Has reports whether the file has a column, of a row that was not refused.
func (r Row) Has(column string) bool {
	_, has := r.index[column]
	return has
}

// Original gives the cells as they stand in the file, those of a refused row too. Of a row that has no cells,
// since a double quote stands in the wrong place, it is the text.
func (r Row) Original() []string {
	if r.cells == nil {
		return []string{r.text}
	}
	return r.cells
}

// Empty reports whether all cells are empty, as in the rows below the last one that some programs
// write out.
func (r Row) Empty() bool {
	return r.Refused == nil && strings.TrimSpace(strings.Join(r.cells, "")) == ""
}

// Open begins to read the rows of a file that was looked at: it finds what stands between the columns and, unless
// Headless, the heading. An error is a fault that says what to put right, or the error of the source. It is called
// once.
func (f *File) Open(o Options) (*Reader, error) {
	if o.MaxRows == 0 {
		o.MaxRows = DefaultMaxRows
	}
	record := &recorder{src: f.text}
	r := &Reader{file: f, csv: f.csv(record), record: record, options: o}
	if o.Headless {
		return r, r.setColumns(o.Columns)
	}
	return r, r.readHeading()
}

// Heading gives the columns by the names that they have in the file, or in the options where it is
// Headless.
func (r *Reader) Heading() []string { return r.names }

// Notes say how the characters were read, where they are not in UTF-8. They are complete after the last row.
func (r *Reader) Notes() []string { return r.file.Notes() }

// Has reports whether the file has the column.
func (r *Reader) Has(column string) bool {
	_, ok := r.index[column]
	return ok
}

// Each gives the rows from here to the last to fn, as Next does, until it gives an error.
func (r *Reader) Each(fn func(Row) error) error {
	for {
		row, err := r.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = fn(row)
		}
		if err != nil {
			return err
		}
	}
}

// Next gives the next row; io.EOF after the last. Blank lines are passed over, and counted. Any other
// error is a fault that ends the file, or the error of the source.
func (r *Reader) Next() (Row, error) {
	cells, refused, err := r.read()
	if err != nil {
		return Row{}, err
	}
	if r.rows++; r.rows > r.options.MaxRows {
		return Row{}, fault.SayCure(fault.Invalid, fmt.Sprintf("The file has more than %d rows.", r.options.MaxRows),
			"Split it into smaller files.")
	}
	if err := r.checkText(cells); err != nil {
		return Row{}, err
	}
	if refused == nil {
		refused = r.check(cells)
	}
	if refused != nil {
		//nolint:nilerr // a refused row is a result, not the reader's failure
		return Row{Number: r.number, Refused: refused, text: r.text, cells: cells}, nil
	}
	return Row{Number: r.number, cells: cells, index: r.index}, nil
}

// read gives the next record, or why it is refused, and keeps count of rows as a spreadsheet does: a
// cell with line breaks is one row, a blank line is a row too.
func (r *Reader) read() (cells []string, refused, err error) {
	cells, err = r.csv.Read()
	r.text = r.record.takeTo(r.csv.InputOffset())
	var parse *csv.ParseError
	switch {
	case errors.As(err, &parse):
		r.count(parse.StartLine, parse.Line)
		return nil, r.quoting(parse), nil
	case errors.Is(err, io.EOF):
		return nil, nil, io.EOF
	case err != nil:
		return nil, nil, readError(err)
	}
	first, _ := r.csv.FieldPos(0)
	last, _ := r.csv.FieldPos(len(cells) - 1)
	r.count(first, last+strings.Count(cells[len(cells)-1], "\n"))
	return cells, nil, nil
}

func (r *Reader) count(start, end int) {
	r.number += start - r.lastEnd
	r.lastEnd = end
}

// check says why nothing can be made of a row, if so: its width, or a character that is no text. Empty
// cells beyond the last column that has a name are no matter.
func (r *Reader) check(cells []string) error {
	width := r.width()
	surplus := strings.Join(cells[min(len(cells), len(r.names)):], "")
	if len(cells) >= width && strings.TrimSpace(surplus) == "" {
		return r.checkNUL(cells)
	}
	return widthProblem(r.number, len(cells), width)
}

// width is how many columns there are up to the last that has a name.
func (r *Reader) width() int {
	width := len(r.names)
	for width > 0 && r.names[width-1] == "" {
		width--
	}
	return width
}

func (r *Reader) quoting(p *csv.ParseError) error {
	message := fmt.Sprintf("Row %d has a double quote in the wrong place.", r.number)
	if p.Line > p.StartLine {
		message = fmt.Sprintf("Row %d has a double quote that is not closed; lines %d to %d of the file were taken "+
			"for one row.", r.number, p.StartLine, p.Line)
	}
	return fault.SayCure(fault.Invalid, message,
		"Put the value in double quotes and write each double quote in it twice.")
}

// checkText finds bytes that are no text. They end the file: other rows, read as something they
// are not, would be wrong without anybody seeing it.
func (r *Reader) checkText(cells []string) error {
	for i, c := range cells {
		if utf8.ValidString(c) {
			continue
		}
		return noEncoding(fmt.Sprintf("Row %d, column %s", r.number, r.name(i)))
	}
	return nil
}

func (r *Reader) checkNUL(cells []string) error {
	for i, c := range cells {
		if strings.ContainsRune(c, 0) {
			return fault.SayCure(fault.Invalid, fmt.Sprintf("Row %d, column %s contains a NUL character.", r.number,
				r.name(i)), "Take it out, or type the value again.")
		}
	}
	return nil
}

func (r *Reader) name(i int) string {
	if i < len(r.names) && r.names[i] != "" && utf8.ValidString(r.names[i]) {
		return r.names[i]
	}
	return fmt.Sprintf("number %d", i+1)
}

func columns(n int) string {
	if n == 1 {
		return "1 column"
	}
	return fmt.Sprintf("%d columns", n)
}

package sheet

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"signpost/internal/platform/fault"
)

// maxSlowBytes is how large a file may be that is left to a Reader, in bytes. Of others a part is held at a time.
const maxSlowBytes = 8 << 30

// Source opens a file anew, from its beginning.
type Source func() (io.ReadCloser, error)

// Cells is one row of a large file. It, and what Get gives, change with the next row.
type Cells struct {
	Number  int   // as a spreadsheet shows it; the heading is row 1
	Refused error // a fault saying why nothing can be made of the row; nil if something can
	cells   [][]byte
	places  []int
}

// Get is the cell in a column, without spaces around it: column counts those of the options that must be there and,
// after them, those that may. It is empty where the file has no such column or the row was refused.
func (c *Cells) Get(column int) []byte {
	place := c.places[column]
	if place < 0 || place >= len(c.cells) || c.Refused != nil {
		return nil
	}
	cell := c.cells[place]
	if len(cell) == 0 || isPlainEnd(cell[0]) && isPlainEnd(cell[len(cell)-1]) {
		return cell
	}
	return bytes.TrimSpace([]byte(unguarded(string(cell))))
}

// isPlainEnd reports whether a cell that begins or ends so needs nothing taken off.
func isPlainEnd(c byte) bool { return c > ' ' && c < 0x7F && c != '\'' }

// About says how a large file was read.
type About struct {
	Heading   []string          // as it stands in the file
	Under     map[string]string // the heading under which each column of the options was found
	Separator string            // what stands between the columns, such as "commas"
	Notes     []string          // how the characters were read, where they are not in UTF-8
}

// ReadLarge reads a file of many rows on all processors. Each of its workers begins with what begin gives and hands it
// every row that it reads, in no particular order between workers; parts are what they began with.
//
// It gives what Reader gives, row for row, and the same faults. Files that are not plain UTF-8, or in which a double
// quote stands in the wrong place, it leaves to a Reader, which takes several times as long.
func ReadLarge[T any](open Source, o Options, begin func() T, row func(T, *Cells)) (parts []T, about About, err error) {
	slow, closeFile, err := openSlow(open, o)
	if err != nil {
		return nil, about, err
	}
	defer closeFile()
	if slow.isPlain() {
		parts, err := readFast(open, slow, begin, row)
		if !errors.Is(err, errAwkward) {
			return parts, slow.about(), err
		}
	}
	part := begin()
	cells := Cells{places: slow.places()}
	for {
		one, err := slow.Next()
		if errors.Is(err, io.EOF) {
			return []T{part}, slow.about(), nil
		}
		if err != nil {
			return nil, about, err
		}
		cells.take(one)
		row(part, &cells)
	}
}

func (c *Cells) take(r Row) {
	c.Number = r.Number
	c.Refused = r.Refused
	c.cells = c.cells[:0]
	for _, cell := range r.cells {
		c.cells = append(c.cells, []byte(cell))
	}
}

// openSlow opens a file for a Reader, which has read its heading.
func openSlow(open Source, o Options) (r *Reader, closeFile func(), err error) {
	src, err := open()
	if err != nil {
		return nil, nil, err
	}
	closeFile = func() { _ = src.Close() } // it was only read
	file, err := Look(src, maxSlowBytes)
	if err == nil {
		r, err = file.Open(o)
	}
	if err != nil {
		closeFile()
		return nil, nil, err
	}
	return r, closeFile, nil
}

func (r *Reader) about() About {
	a := About{Heading: r.names, Under: map[string]string{}, Separator: r.file.Separator(), Notes: r.Notes()}
	for column, place := range r.index {
		a.Under[column] = r.names[place]
	}
	return a
}

// places gives where each column of the options stands in a row; -1 is nowhere.
func (r *Reader) places() []int {
	var places []int
	for _, column := range append(append([]string{}, r.options.Columns...), r.options.Optional...) {
		place, has := r.index[column]
		if !has {
			place = -1
		}
		places = append(places, place)
	}
	return places
}

// isPlain reports whether, as far as it was looked at, a file is in UTF-8 with line feeds, in rows of one-byte
// separators.
func (r *Reader) isPlain() bool {
	d := r.file.decoder
	return !r.options.Headless && r.file.workbook == "" && !d.wide && !d.macintosh && r.file.separator < 0x80 &&
		d.encoding != windows1252
}

// errAwkward says that a file has to be read slowly.
var errAwkward = errors.New("not a plain file")

// block is a part of a file that begins and ends with whole rows.
type block struct {
	text  []byte
	first int // the number of its first row
}

// blockSize is how much is read at once, in bytes. maxBlock is how long one row may be, with its line breaks.
const (
	blockSize = 1 << 20
	maxBlock  = 64 << 20
)

// readFast reads the rows below the heading that slow has read.
func readFast[T any](open Source, slow *Reader, begin func() T, row func(T, *Cells)) ([]T, error) {
	src, err := open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = src.Close() }()
	cutter := &cutter{src: src, next: slow.number + 1, maxRows: slow.options.MaxRows}
	if err := cutter.pass(slow); err != nil {
		return nil, err
	}
	workers := max(1, runtime.GOMAXPROCS(0))
	blocks := make(chan block, workers)
	var awkward atomic.Bool
	parts := make([]T, workers)
	var group sync.WaitGroup
	for i := range parts {
		parts[i] = begin()
		group.Go(func() {
			p := parser{reader: slow, separator: byte(slow.file.separator), cells: Cells{places: slow.places()}}
			for b := range blocks {
				if !awkward.Load() && !p.parse(b, func(c *Cells) { row(parts[i], c) }) {
					awkward.Store(true)
				}
				cutter.give(b.text)
			}
		})
	}
	err = cutter.run(blocks, awkward.Load)
	close(blocks)
	group.Wait()
	if awkward.Load() {
		err = errAwkward
	}
	return parts, err
}

// cutter reads a file and cuts it where rows end.
type cutter struct {
	src     io.Reader
	spare   sync.Pool
	next    int // the number of the row that comes next
	rows    int // of data
	maxRows int
	carried []byte // the beginning of a row that has not ended yet
}

// pass leaves out what stands before the first row of data.
func (c *cutter) pass(slow *Reader) error {
	head := make([]byte, len(ByteOrderMark))
	n, err := io.ReadFull(c.src, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return readError(err)
	}
	left := slow.file.passed + slow.csv.InputOffset()
	if string(head) != ByteOrderMark {
		left -= int64(n)
	}
	if left < 0 {
		c.carried = head[int64(n)+left : n]
		return nil
	}
	if _, err = io.CopyN(io.Discard, c.src, left); err != nil {
		return readError(err)
	}
	return nil
}

func (c *cutter) take() []byte {
	if text, is := c.spare.Get().(*[]byte); is {
		return (*text)[:0]
	}
	return make([]byte, 0, blockSize+blockSize/4)
}

// give takes back the memory of a block that was read.
func (c *cutter) give(text []byte) { c.spare.Put(&text) }

// run reads the file to its end, or until somebody found that it is not plain.
func (c *cutter) run(blocks chan<- block, stopped func() bool) error {
	for !stopped() {
		text := append(c.take(), c.carried...)
		c.carried = nil
		ended, err := c.fill(&text)
		if err != nil {
			return err
		}
		end, rows := cut(text, ended)
		c.carried = bytes.Clone(text[end:])
		if len(c.carried) > maxBlock {
			return errAwkward
		}
		if c.rows += rows; c.rows > c.maxRows {
			return errAwkward // a Reader says it, at the row that is one too many
		}
		blocks <- block{text[:end], c.next}
		c.next += rows
		if ended {
			return nil
		}
	}
	return nil
}

// fill reads until a block is full or the file ends.
func (c *cutter) fill(text *[]byte) (ended bool, err error) {
	begun := len(*text)
	wanted := begun + blockSize
	if cap(*text) < wanted {
		*text = append(make([]byte, 0, wanted+blockSize/4), *text...)
	}
	n, err := io.ReadFull(c.src, (*text)[begun:wanted])
	*text = (*text)[:begun+n]
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return true, nil
	}
	if err != nil {
		return false, readError(err)
	}
	return false, nil
}

// cut gives where a block ends in a text, and how many rows it has. The last row of a file need not end.
func cut(text []byte, isLast bool) (end, rows int) {
	end, rows = lastRow(text)
	if isLast && end < len(text) {
		return len(text), rows + 1
	}
	return end, rows
}

// lastRow gives where the last whole row of a text ends, and how many have ended until there. A line feed between
// double quotes ends none.
func lastRow(text []byte) (end, rows int) {
	if bytes.IndexByte(text, '"') < 0 {
		return bytes.LastIndexByte(text, '\n') + 1, bytes.Count(text, []byte{'\n'})
	}
	quoted := false
	at := 0
	for {
		next := bytes.IndexByte(text[at:], '"')
		stretch := text[at:]
		if next >= 0 {
			stretch = text[at : at+next]
		}
		if !quoted {
			rows += bytes.Count(stretch, []byte{'\n'})
			if last := bytes.LastIndexByte(stretch, '\n'); last >= 0 {
				end = at + last + 1
			}
		}
		if next < 0 {
			return end, rows
		}
		quoted = !quoted
		at += next + 1
	}
}

// widthProblem says that a row has not as many cells as the file has columns.
func widthProblem(number, has, width int) error {
	return fault.SayCure(fault.Invalid, "Row "+itoa(number)+" has "+columns(has)+" where the file has "+itoa(width)+".",
		"Check the row for a comma too many or too few; a value with a comma in it stands in double quotes.")
}

// surplusIsEmpty reports whether the cells beyond those that have a heading are empty.
func surplusIsEmpty(cells [][]byte, names int) bool {
	for _, cell := range cells[min(len(cells), names):] {
		if strings.TrimSpace(string(cell)) != "" {
			return false
		}
	}
	return true
}

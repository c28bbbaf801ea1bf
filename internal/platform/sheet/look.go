package sheet

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"

	"signpost/internal/platform/fault"
)

// File is a file whose beginning was looked at: its encoding and what stands between its columns.
type File struct {
	text      *bufio.Reader
	decoder   *decoder
	separator rune
	workbook  string // a note that says from which sheet the rows are; empty where the file is text
	passed    int64  // bytes of text before the first row: a line that names the separator
}

// beginning is how much of a file is looked at, in bytes.
const beginning = 64 << 10

// Look begins to read a file of at most so many bytes, DefaultMaxBytes where that is 0. An error is a fault
// that says what to put right, or the error of src.
func Look(src io.Reader, maxBytes int64) (*File, error) {
	if maxBytes == 0 {
		maxBytes = DefaultMaxBytes
	}
	raw := bufio.NewReaderSize(&limited{src: src, left: maxBytes, limit: maxBytes}, beginning)
	plain, note, wide, err := rowsOf(raw, maxBytes)
	if err != nil {
		return nil, err
	}
	d := &decoder{src: plain, wide: wide, macintosh: endsLinesByCR(plain)}
	f := &File{text: bufio.NewReaderSize(d, beginning), decoder: d, workbook: note}
	head, err := f.text.Peek(beginning)
	if err != nil && !errors.Is(err, io.EOF) && len(bytes.TrimSpace(head)) == 0 {
		return nil, readError(err)
	}
	if len(bytes.TrimSpace(head)) == 0 {
		return nil, fault.SayCure(fault.Invalid, "The file is empty.", "Choose a CSV file with rows in it.")
	}
	named, length := namedSeparator(string(head))
	if length > 0 {
		f.separator = named
		f.passed = int64(length)
		_, err := f.text.Discard(length)
		return f, err
	}
	f.separator = separatorOf(string(head))
	return f, nil
}

// rowsOf gives the text of a file that is text, or that of a sheet of a workbook with a note that says which.
func rowsOf(raw *bufio.Reader, maxBytes int64) (plain *bufio.Reader, note string, wide bool, err error) {
	head, err := raw.Peek(len(oldWorkbook))
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, "", false, readError(err)
	}
	if isWorkbook(head) {
		plain, note, err = workbookText(raw, maxBytes)
		return plain, note, false, err
	}
	plain, wide, err = text(raw)
	return plain, "", wide, err
}

// endsLinesByCR reports whether lines end as old Macintoshes wrote them, and Excel's "CSV (Macintosh)" does.
func endsLinesByCR(raw *bufio.Reader) bool {
	head, _ := raw.Peek(beginning) // an error is met again by whoever reads
	return bytes.IndexByte(head, '\r') >= 0 && bytes.IndexByte(head, '\n') < 0
}

// namedSeparator reads a first line such as "sep=;", by which programs tell Excel what stands between columns and which
// spreadsheets do not show. length is that of the line with its end; 0 is that there is none.
func namedSeparator(text string) (separator rune, length int) {
	line, _, _ := strings.Cut(text, "\n")
	named, is := strings.CutPrefix(strings.ToLower(strings.TrimSuffix(line, "\r")), "sep=")
	for _, s := range separators {
		if is && named == string(s.char) {
			return s.char, min(len(line)+1, len(text))
		}
	}
	return 0, 0
}

// separators are the characters that may stand between columns, with their names. The comma, which is most
// usual, comes first.
var separators = []struct {
	char rune
	name string
}{{',', "commas"}, {';', "semicolons"}, {'\t', "tabs"}, {'|', "bars (|)"}, {'¬', "the sign ¬"}}

// separatorOf finds what stands between the columns of the first line that is not blank: of the characters
// that may, the one that stands there most often outside quotes.
func separatorOf(text string) rune {
	text = strings.TrimLeft(text, "\r\n")
	counts := map[rune]int{}
	quoted := false
	for _, char := range text {
		if char == '"' {
			quoted = !quoted
		}
		if char == '\n' && !quoted {
			break
		}
		if !quoted {
			counts[char]++
		}
	}
	found := separators[0].char
	for _, s := range separators {
		if counts[s.char] > counts[found] {
			found = s.char
		}
	}
	return found
}

// Separator names what stands between the columns, such as "commas".
func (f *File) Separator() string {
	for _, s := range separators {
		if s.char == f.separator {
			return s.name
		}
	}
	return string(f.separator)
}

// First gives the first rows that are not blank, at most limit of them and as far as they can be read. They
// stay to be read.
func (f *File) First(limit int) [][]string {
	head, err := f.text.Peek(beginning)
	if err == nil { // the file goes on, and the last line may be cut off
		head = head[:bytes.LastIndexByte(head, '\n')+1]
	}
	rows := f.csv(bytes.NewReader(head))
	var first [][]string
	for len(first) < limit {
		cells, err := rows.Read()
		if err != nil {
			return first
		}
		first = append(first, cells)
	}
	return first
}

func (f *File) csv(src io.Reader) *csv.Reader {
	rows := csv.NewReader(src)
	rows.Comma = f.separator
	rows.FieldsPerRecord = -1 // counted here, so that a row of another width does not end the file
	return rows
}

// Notes say how the characters were read, where they are not in UTF-8, and which sheet of a workbook. They are complete
// when the last row is read.
func (f *File) Notes() []string {
	if f.workbook != "" {
		return []string{f.workbook}
	}
	if f.decoder.wide {
		return []string{"The characters are in UTF-16, not UTF-8, and were read so."}
	}
	if f.decoder.encoding == windows1252 {
		return []string{"The characters are in Windows-1252, not UTF-8, and were read so."}
	}
	return nil
}

// recorder keeps what was read of a file and not yet taken as a row, so that a row can be given back as it
// stands there.
type recorder struct {
	src   io.Reader
	text  []byte
	taken int64 // how much of the file came before text
}

// Read reads from the source and keeps it.
func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.src.Read(p)
	r.text = append(r.text, p[:n]...)
	return n, err
}

// takeTo takes everything before a place in the file, without the line end.
func (r *recorder) takeTo(offset int64) string {
	length := min(max(offset-r.taken, 0), int64(len(r.text)))
	text := string(r.text[:length])
	r.text = r.text[length:]
	r.taken += length
	return strings.Trim(text, "\r\n")
}

package sheet

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"signpost/internal/platform/fault"
)

// text gives the bytes of a file as UTF-8 or Windows-1252: it passes over the mark that Excel puts before UTF-8, and
// reads UTF-16, which Excel calls "Unicode Text".
func text(raw *bufio.Reader) (src *bufio.Reader, wide bool, err error) {
	head, err := raw.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, false, readError(err)
	}
	if bytes.HasPrefix(head, []byte{0xEF, 0xBB, 0xBF}) {
		_, err := raw.Discard(3)
		return raw, false, err
	}
	order, wide := utf16Order(head)
	if !wide {
		return raw, false, nil
	}
	decoded := transform.NewReader(raw, unicode.UTF16(order, unicode.UseBOM).NewDecoder())
	return bufio.NewReaderSize(decoded, beginning), true, nil
}

// utf16Order reports whether a file is in UTF-16, by its mark or by the NUL beside each letter, and which byte of a
// character comes first.
func utf16Order(head []byte) (unicode.Endianness, bool) {
	switch {
	case bytes.HasPrefix(head, []byte{0xFF, 0xFE}):
		return unicode.LittleEndian, true
	case bytes.HasPrefix(head, []byte{0xFE, 0xFF}):
		return unicode.BigEndian, true
	case mostlyNUL(head) && head[0] == 0:
		return unicode.BigEndian, true
	}
	return unicode.LittleEndian, mostlyNUL(head)
}

// oldWorkbook begins workbooks of before 2007, and those with a password.
var oldWorkbook = []byte("\xD0\xCF\x11\xE0")

// isWorkbook reports whether a file begins as XLSX and other archives do, or as workbooks of before 2007. Excel puts
// hundreds of NULs near the beginning of both, so this is asked before mostlyNUL.
func isWorkbook(head []byte) bool {
	return bytes.HasPrefix(head, []byte("PK\x03\x04")) || bytes.HasPrefix(head, oldWorkbook)
}

// mostlyNUL reports whether every other byte is NUL, or nearly: UTF-16 without its mark.
func mostlyNUL(head []byte) bool { return bytes.Count(head, []byte{0})*3 > len(head) }

func noEncoding(where string) error {
	return fault.SayCure(fault.Invalid,
		where+" contains characters that are neither in UTF-8 nor, like the rest of the file, in Windows-1252.",
		"Save the file as \"CSV UTF-8\" with the program that it comes from.")
}

// limited is a source that says in words when it is too long.
type limited struct {
	src         io.Reader
	left, limit int64
}

// Read reads from the source, up to one byte past what is allowed.
func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.src.Read(p)
	if l.left -= int64(n); l.left < 0 {
		return 0, fault.SayCure(fault.Invalid, fmt.Sprintf("The file is larger than %s.", size(l.limit)),
			"Split it into smaller files.")
	}
	return n, err
}

func size(n int64) string {
	if n >= 1<<20 {
		return fmt.Sprintf("%d MB", n>>20)
	}
	return fmt.Sprintf("%d bytes", n)
}

// readError keeps a fault as it is and wraps anything else.
func readError(err error) error {
	if _, ok := fault.From(err); ok {
		return err
	}
	return fmt.Errorf("reading a sheet: %w", err)
}

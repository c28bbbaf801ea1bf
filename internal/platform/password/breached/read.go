package breached

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha1" //nolint:gosec // as in breached.go
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"signpost/internal/platform/fault"
)

// Counts says what the lines of a file are.
type Counts struct {
	Passwords int64 `json:"passwords"`
	Digests   int64 `json:"digests"`
	Short     int64 `json:"too_short"` // nobody may choose them anyway
	Unread    int64 `json:"unread"`    // not in UTF-8
}

// maxLine is how long a line may be.
const maxLine = 4 << 10 // bytes

// ErrEmpty says that a file has nothing for a list.
var ErrEmpty = fault.SayCure(fault.Invalid, "There is no password in this file that anybody could choose.",
	"Give a text file with one password a line, or with the lines “SHA1:count”. It may be compressed with gzip.")

// What keeps a file from being read as a list.
var (
	errBinary = fault.SayCure(fault.Invalid, "This is no list of passwords: it has bytes that no text has.",
		"Give a text file with one password a line, or with the lines “SHA1:count”. It may be compressed with gzip.")
	errLine = fault.SayCure(fault.Invalid, "This is no list of passwords: a line is too long.",
		"Give a text file with one password a line, or with the lines “SHA1:count”. It may be compressed with gzip.")
)

// Read reads a file with a password or a digest on each line, compressed with gzip or not, and gives each digest to
// take. Passwords shorter than minLength are left out.
func Read(from io.Reader, minLength int, take func(digest [sha1.Size]byte) error) (c Counts, err error) {
	lines, err := uncompressed(from)
	if err != nil {
		return c, err
	}
	scan := bufio.NewScanner(lines)
	scan.Buffer(make([]byte, 0, maxLine), maxLine)
	for scan.Scan() {
		line := bytes.TrimSuffix(scan.Bytes(), []byte("\r"))
		if bytes.IndexByte(line, 0) >= 0 {
			return c, errBinary
		}
		d, listed := c.read(line, minLength)
		if !listed {
			continue
		}
		if err := take(d); err != nil {
			return c, err
		}
	}
	if errors.Is(scan.Err(), bufio.ErrTooLong) {
		return c, errLine
	}
	if scan.Err() != nil {
		return c, fmt.Errorf("read list of passwords: %w", scan.Err())
	}
	return c, nil
}

// gzipBegins is how a file begins that gzip compressed (RFC 1952 section 2.3.1).
var gzipBegins = []byte{0x1f, 0x8b}

func uncompressed(from io.Reader) (io.Reader, error) {
	buffered := bufio.NewReaderSize(from, 1<<20)
	begins, _ := buffered.Peek(len(gzipBegins)) // what is shorter, or cannot be read, is told of when it is read
	if !bytes.Equal(begins, gzipBegins) {
		return buffered, nil
	}
	unzipped, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, fmt.Errorf("read list of passwords: %w", err)
	}
	return unzipped, nil
}

// read reads one line and counts it.
func (c *Counts) read(line []byte, minLength int) (d [sha1.Size]byte, listed bool) {
	if d, is := digestOf(line); is {
		c.Digests++
		return d, true
	}
	switch {
	case len(line) == 0:
	case !utf8.Valid(line):
		c.Unread++
	case utf8.RuneCount(line) < minLength:
		c.Short++
	default:
		c.Passwords++
		return digest(norm.NFC.String(string(line))), true
	}
	return d, false
}

// digestOf reads a digest, with a count after it or not.
func digestOf(line []byte) (d [sha1.Size]byte, is bool) {
	text, count, counted := bytes.Cut(line, []byte(":"))
	if len(text) != hex.EncodedLen(sha1.Size) || counted && (len(count) == 0 || !digits(count)) {
		return d, false
	}
	_, err := hex.Decode(d[:], text)
	return d, err == nil
}

func digits(text []byte) bool {
	for _, b := range bytes.TrimSpace(text) {
		if b < '0' || b > '9' {
			return false
		}
	}
	return true
}

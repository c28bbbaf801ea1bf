package sheet

import (
	"bufio"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// encoding is how the characters of a file are written.
type encoding int

const (
	undecided   encoding = iota // only ASCII was met so far, which every encoding writes alike
	utf8Text                    // the first other character was UTF-8
	windows1252                 // the first other character was not
)

// decoder gives the text of a file as UTF-8. The first character beyond ASCII decides which encoding the
// file is in. What does not fit that encoding comes out as a byte that is no UTF-8, for the reader of
// rows to refuse by row and column.
type decoder struct {
	src       *bufio.Reader
	wide      bool // the file is in UTF-16, which src gives as UTF-8
	macintosh bool // lines end in a carriage return alone, which comes out as a line feed
	encoding  encoding
	text      []byte // decoded and not yet given
	err       error
}

// decodeAtOnce is how much is decoded before it is given.
const decodeAtOnce = 32 << 10

// Read gives decoded text.
func (d *decoder) Read(p []byte) (int, error) {
	for len(d.text) == 0 {
		if d.err != nil {
			return 0, d.err
		}
		d.text = make([]byte, 0, decodeAtOnce+utf8.UTFMax)
		for d.err == nil && len(d.text) < decodeAtOnce {
			d.err = d.decode()
		}
	}
	n := copy(p, d.text)
	d.text = d.text[n:]
	return n, nil
}

// decode adds one character to the text.
func (d *decoder) decode() error {
	char, size, err := d.src.ReadRune()
	switch {
	case err != nil:
		return err
	case char == '\r' && d.macintosh:
		d.text = append(d.text, '\n')
		return nil
	case char < utf8.RuneSelf:
		d.text = append(d.text, byte(char))
		return nil
	}
	if d.wide && char == utf8.RuneError { // half a character, or one that somebody else could not read
		d.text = append(d.text, noText)
		return nil
	}
	valid := char != utf8.RuneError || size > 1
	if d.encoding == undecided {
		d.encoding = utf8Text
		if !valid {
			d.encoding = windows1252
		}
	}
	if valid && d.encoding == utf8Text {
		d.text = utf8.AppendRune(d.text, char)
		return nil
	}
	if err := d.src.UnreadRune(); err != nil {
		return err
	}
	return d.decodeByte(valid && strayUTF8(char))
}

// noText is a byte that stands in no UTF-8.
const noText = 0xFF

// strayUTF8 reports whether a character written in UTF-8 among Windows-1252 is one of those that English
// and Welsh text has. Other bytes that happen to be UTF-8 are read as Windows-1252.
func strayUTF8(char rune) bool { return char <= 'ÿ' || char >= 0x2000 && char < 0x2040 }

// decodeByte adds one byte of Windows-1252 to the text, or one that is no text: in a file of UTF-8, for a
// byte that Windows-1252 does not use, and where a character in UTF-8 stands in its place.
func (d *decoder) decodeByte(stray bool) error {
	b, err := d.src.ReadByte()
	if err != nil {
		return err
	}
	char := charmap.Windows1252.DecodeByte(b)
	if d.encoding != windows1252 || stray || char == utf8.RuneError || char >= 0x80 && char < 0xA0 {
		d.text = append(d.text, noText)
		return nil
	}
	d.text = utf8.AppendRune(d.text, char)
	return nil
}

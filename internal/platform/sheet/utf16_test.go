package sheet_test

import (
	"encoding/binary"
	"unicode/utf16"
)

// wide gives text in UTF-16, the low byte of each character first.
func wide(text string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune(text)) {
		b = binary.LittleEndian.AppendUint16(b, unit)
	}
	return string(b)
}

// swapped gives UTF-16 with the other byte of each character first.
func swapped(text string) string {
	b := []byte(text)
	for i := 0; i+1 < len(b); i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return string(b)
}

package importing

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Numbers have ten digits after the 0, but for some of the areas whose code has four digits after it, and
// the oldest freephone numbers, which have nine (Ofcom, National Telephone Numbering Plan).
var (
	scientific = regexp.MustCompile(`^(\d+)[eE](\d)$`)
	abroad     = regexp.MustCompile(`^(?:\+|00)44(?:0)?([1-9]\d*)$`)
	number     = regexp.MustCompile(`^0([1-9]\d{9}|1[2-9][02-9]\d{6}|800\d{6}|500\d{6})$`)
)

// telephone reads a number, with +44, 0044 or +44 (0) read as 0. It restores the zeros at the beginning and at the
// end that spreadsheets remove, and gives a note if it restored the first. Any other text is no reason to be without
// the record: it gives no number, and a note.
func telephone(cell string) (phone, note string) {
	text := withoutNA(strings.NewReplacer(" ", "", "\u00a0", "", "(", "", ")", "", "-", "").Replace(cell))
	if text == "" {
		return "", ""
	}
	if m := scientific.FindStringSubmatch(text); m != nil {
		zeros, _ := strconv.Atoi(m[2]) // one digit
		text = m[1] + strings.Repeat("0", zeros)
	}
	if m := abroad.FindStringSubmatch(text); m != nil {
		text = "0" + m[1]
	}
	switch {
	case number.MatchString(text):
		return text, ""
	case number.MatchString("0" + text):
		return "0" + text, fmt.Sprintf("Telephone number %q was read as %q", cell, "0"+text)
	}
	return "", fmt.Sprintf("Left out the telephone number %q: it is not one whole UK number", cell)
}

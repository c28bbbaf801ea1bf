package cell

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"signpost/internal/platform/fault"
)

// Numbers have ten digits after the 0, but for some of the areas whose code has four digits after it, and
// the oldest freephone numbers, which have nine (Ofcom, National Telephone Numbering Plan).
var (
	scientific = regexp.MustCompile(`^([1-9]\d*)(?:\.(\d+))?[eE]\+?0?(\d)$`)
	decimal    = regexp.MustCompile(`^([1-9]\d*)\.0+$`)
	abroad     = regexp.MustCompile(`^(?:\+|00)44(?:0)?([1-9]\d*)$`)
	number     = regexp.MustCompile(`^0([1-9]\d{9}|1[2-9][02-9]\d{6}|800\d{6}|500\d{6})$`)
)

// Telephone reads a number, with +44, 0044 or +44 (0) read as 0. One that a spreadsheet took for a number to reckon
// with gets back the zeros that this cost it, with a note that says so. Any other text is no reason to be without
// the record: it gives no number, and a note.
func Telephone(cell string) (phone, note string) {
	text := WithoutNA(strings.NewReplacer(" ", "", "\u00a0", "", "(", "", ")", "", "-", "").Replace(cell))
	if text == "" {
		return "", ""
	}
	text = wholeDigits(text)
	if m := abroad.FindStringSubmatch(text); m != nil {
		text = "0" + m[1]
	}
	switch {
	case number.MatchString(text):
		return text, ""
	case number.MatchString("0" + text):
		return "0" + text, fmt.Sprintf("Telephone number %s was read as %q: a spreadsheet had taken away its first 0",
			fault.Quoted(cell), "0"+text)
	}
	return "", fmt.Sprintf("Left out the telephone number %s: it is not one whole UK number", fault.Quoted(cell))
}

// wholeDigits gives the digits of a whole number that is written with decimals, as 1614960005.0, or with an exponent,
// as 1.614960005E9 or 1614960e3. One that has lost digits stays as it is.
func wholeDigits(text string) string {
	if m := decimal.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	m := scientific.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	places, _ := strconv.Atoi(m[3]) // one digit
	switch len(m[2]) {
	case 0:
		return m[1] + strings.Repeat("0", places)
	case places:
		return m[1] + m[2]
	}
	return text
}

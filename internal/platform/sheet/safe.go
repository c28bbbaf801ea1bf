package sheet

import (
	"regexp"
	"strings"
)

// ByteOrderMark begins a file to tell spreadsheet programs that it is in UTF-8.
const ByteOrderMark = "\ufeff"

// plainNumber is a number that a spreadsheet may take for one, such as a coordinate.
var plainNumber = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+)?$`)

// Safe gives a cell that a spreadsheet program will show and not run. What begins like a formula, also
// behind spaces, gets an apostrophe before it, which tells the program that it is text. Plain numbers
// stay, so that -2.39 is still a coordinate; one that begins with + is a telephone number to us, and
// would lose its +.
func Safe(cell string) string {
	if plainNumber.MatchString(cell) {
		return cell
	}
	start := strings.TrimLeft(cell, " \u00a0")
	if start == "" || !strings.ContainsRune("=+-@\t\r\n|＝＋－＠", firstRune(start)) {
		return cell
	}
	return "'" + cell
}

// SafeRow gives a row of safe cells.
func SafeRow(cells ...string) []string {
	safe := make([]string, len(cells))
	for i, c := range cells {
		safe[i] = Safe(c)
	}
	return safe
}

func firstRune(s string) rune {
	for _, r := range s {
		return r
	}
	return 0
}

// unguarded takes away the apostrophe that Safe put before a cell.
func unguarded(cell string) string {
	text, found := strings.CutPrefix(cell, "'")
	if !found || Safe(text) != cell {
		return cell
	}
	return text
}

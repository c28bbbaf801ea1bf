// Package postcode reads UK postcodes as people write them and measures the distance between two
// places.
//
// It knows the form of postcodes. It does not know which exist, nor where they are: that is imported data.
package postcode

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// Problem is the message for a person who typed something that is not a postcode.
const Problem = "Enter a full UK postcode, like M1 1AE"

// ErrFormat says that a text cannot be a postcode, or a postcode district.
var ErrFormat = errors.New("not in the form of a UK postcode")

// Postcode is a full postcode in capitals with one space, such as "M1 1AE". Two are the same place if
// and only if they are equal.
type Postcode string

var (
	outward = regexp.MustCompile(`^([A-Z]{1,2}[0-9]|[A-Z]{1,2}[0-9]{2}|[A-Z]{1,2}[0-9][A-Z]|GIR)$`)
	// Royal Mail leaves some letters out of this part, but the national files do not always.
	inward = regexp.MustCompile(`^[0-9][A-Z]{2}$`)
)

const inwardLength = 3

// Parse reads a full postcode, in either case, with spaces, dots or hyphens anywhere or none.
func Parse(s string) (Postcode, error) {
	c := squeeze(s)
	if len(c) <= inwardLength {
		return "", fmt.Errorf("%q: %w", s, ErrFormat)
	}
	out := c[:len(c)-inwardLength]
	in := c[len(c)-inwardLength:]
	if !outward.MatchString(out) || !inward.MatchString(in) || (out == "GIR" && in != "0AA") {
		return "", fmt.Errorf("%q: %w", s, ErrFormat)
	}
	return Postcode(out + " " + in), nil
}

// ParseOutward reads a postcode district alone, such as "M1".
func ParseOutward(s string) (string, error) {
	c := squeeze(s)
	if !outward.MatchString(c) {
		return "", fmt.Errorf("%q: %w", s, ErrFormat)
	}
	return c, nil
}

// Outward is the first part, the postcode district: M1 of M1 1AE.
func (p Postcode) Outward() string {
	out, _, _ := strings.Cut(string(p), " ")
	return out
}

// squeeze gives a short text in capitals without the characters that people write between the parts. A longer text
// is not a postcode and gives an empty text, so that it costs nothing to check.
func squeeze(s string) string {
	const longest = 40
	if len(s) > longest {
		return ""
	}
	return strings.ToUpper(strings.NewReplacer(" ", "", "\u00a0", "", "\t", "", ".", "", "-",
		"").Replace(strings.TrimSpace(s)))
}

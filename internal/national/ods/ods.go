// Package ods reads organisation codes of the Organisation Data Service and names the roles that
// organisations have there.
//
// It knows the forms of codes. It does not know which codes exist: that is imported data.
package ods

import (
	"errors"
	"fmt"
	"strings"
)

// ErrFormat says that a text cannot be an organisation code.
var ErrFormat = errors.New("not in the form of an ODS code")

// Code is an organisation code in capitals, such as "A20047".
type Code string

// The shortest and the longest code: trusts have three characters, branches of GP practices nine, and the
// longest of those that other directories write are twelve.
const (
	shortest = 3
	longest  = 12
)

// Parse reads a code as people type it, in either case and with spaces around it. It takes three to
// twelve letters and digits, which every published form meets: RXK, 00K, FM664, RXK01, A20047, the branch
// A81004001, the virtual FFFFF, and since 2020 codes without meaning like A1B2C.
func Parse(s string) (Code, error) {
	c := strings.ToUpper(strings.TrimSpace(s))
	if len(c) < shortest || len(c) > longest {
		return "", fmt.Errorf("%q: %w", s, ErrFormat)
	}
	for _, b := range []byte(c) {
		if (b < '0' || b > '9') && (b < 'A' || b > 'Z') {
			return "", fmt.Errorf("%q: %w", s, ErrFormat)
		}
	}
	return Code(c), nil
}

package password

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"signpost/internal/platform/fault"
)

// Lengths of a new password, in characters (NIST SP 800-63B-4 §3.1.1.2 asks for at least 8 beside a
// second factor; we ask for more and set no rules on what characters it has).
const (
	minLength = 12
	maxLength = 128
)

// What can be wrong with a new password.
var (
	errLength = fault.Keyed("password-length", fault.OfField("password",
		fmt.Sprintf("Enter a password between %d and %d characters long", minLength, maxLength)),
		"min", strconv.Itoa(minLength), "max", strconv.Itoa(maxLength))
	errCommon = fault.Keyed("password-common", fault.OfField("password", "Enter a password that is harder to guess"))
	errOwn    = fault.Keyed("password-name", fault.OfField("password",
		"Enter a password that does not contain your name, username or email address"))
)

// common holds beginnings of passwords that are tried first by whoever guesses.
var common = []string{
	"password", "passw0rd", "qwertyuiop", "1234567890", "letmein", "welcome", "nhspassword", "directoryofservices",
}

// Acceptable says whether plain may become somebody's password, given words that belong to them such as
// the user name. What is wrong is a fault about the field "password".
func Acceptable(plain string, own ...string) error {
	if n := utf8.RuneCountInString(plain); n < minLength || n > maxLength {
		return errLength
	}
	lower := strings.ToLower(plain)
	for _, word := range common {
		if strings.HasPrefix(lower, word) {
			return errCommon
		}
	}
	for _, word := range own {
		if len(word) > 3 && strings.Contains(lower, strings.ToLower(word)) {
			return errOwn
		}
	}
	return nil
}

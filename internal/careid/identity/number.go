package identity

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"signpost/internal/platform/db"
)

var number = regexp.MustCompile(`^[0-9]{12}$`)

// IsNumber reports whether a text has the shape of a care identity's number.
func IsNumber(text string) bool { return number.MatchString(text) }

// ReadNumber gives the number that somebody typed, in groups or not, and what was typed if it is no number.
func ReadNumber(typed string) string {
	if plain, is := Digits(typed); is && IsNumber(plain) {
		return plain
	}
	return typed
}

// Digits gives the digits of a number as people write it, with spaces and the like, and reports whether it is one.
func Digits(typed string) (plain string, is bool) {
	plain = grouping.Replace(typed)
	return plain, plain != "" && strings.Trim(plain, "0123456789") == ""
}

// grouping removes what people write between the digits of a number.
var grouping = strings.NewReplacer(" ", "", "-", "", "\u00a0", "", "(", "", ")", "", "+", "")

// The first of our numbers, chosen so that none equals one of the national test data (prefixes 555 and 656).
const firstNumber = 800_000_000

// Persons, persons in an organisation, role profiles and workgroups take their numbers from one space,
// as the national directory does.
const nextNumber = `INSERT INTO identity_number (name, last) VALUES ('all', $1)
	ON CONFLICT (name) DO UPDATE SET last = identity_number.last + 1 RETURNING last`

// Number returns the next number of the shared space. As nationally, it has nine counting digits and a suffix of
// three digits. It has no meaning of its own.
func Number(ctx context.Context, w *db.W) (string, error) {
	n, err := db.Value[int64](ctx, w, nextNumber, firstNumber)
	if err != nil {
		return "", fmt.Errorf("take a number: %w", err)
	}
	return fmt.Sprintf("%09d%03d", n, 100+n%11), nil
}

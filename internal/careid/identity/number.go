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
const nextNumbers = `INSERT INTO identity_number (name, last) VALUES ('all', $1)
	ON CONFLICT (name) DO UPDATE SET last = identity_number.last + $2 RETURNING last`

// Number returns the next number of the shared space. As nationally, it has nine counting digits and a suffix of
// three digits. It has no meaning of its own.
func Number(ctx context.Context, w *db.W) (string, error) {
	list, err := Numbers(ctx, w, 1)
	if err != nil {
		return "", err
	}
	return list[0], nil
}

// Numbers returns the next numbers of the shared space, so many of them, without those that care identities of another
// system brought here with them.
func Numbers(ctx context.Context, w *db.W, count int) (list []string, err error) {
	for len(list) < count {
		missing := count - len(list)
		last, err := db.Value[int64](ctx, w, nextNumbers, firstNumber+missing-1, missing)
		if err != nil {
			return nil, fmt.Errorf("take numbers: %w", err)
		}
		free, err := freeOf(ctx, w, last-int64(missing)+1, last)
		if err != nil {
			return nil, err
		}
		list = append(list, free...)
	}
	return list, nil
}

// freeOf gives the numbers that count from first to last, without those that somebody has.
func freeOf(ctx context.Context, r db.R, first, last int64) (list []string, err error) {
	taken, err := db.All(ctx, r, db.Column[string], `SELECT uuid FROM identity WHERE uuid >= $1 AND uuid <= $2`,
		counted(first), counted(last))
	if err != nil {
		return nil, fmt.Errorf("look whose numbers are taken: %w", err)
	}
	isTaken := map[string]bool{}
	for _, one := range taken {
		isTaken[one] = true
	}
	for n := first; n <= last; n++ {
		if one := counted(n); !isTaken[one] {
			list = append(list, one)
		}
	}
	return list, nil
}

// counted writes a number of the shared space.
func counted(n int64) string { return fmt.Sprintf("%09d%03d", n, 100+n%11) }

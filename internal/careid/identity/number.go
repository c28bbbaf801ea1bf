package identity

import (
	"context"
	"fmt"
	"regexp"

	"signpost/internal/platform/db"
)

var number = regexp.MustCompile(`^[0-9]{12}$`)

// IsNumber reports whether a text has the shape of a care identity's number, ours or anybody's.
func IsNumber(text string) bool { return number.MatchString(text) }

// Our numbers begin here, so that none is like one seen in national test data (prefixes 555 and 656).
const firstNumber = 800_000_000

// Persons, persons in an organisation, role profiles and workgroups take their numbers from one space,
// as the national directory does.
const nextNumber = `INSERT INTO identity_number (name, last) VALUES ('all', $1)
	ON CONFLICT (name) DO UPDATE SET last = identity_number.last + 1 RETURNING last`

// Number gives the next number of the shared space: nine digits that count on and a suffix of three, as
// the national ones are shaped. It means nothing.
func Number(ctx context.Context, w *db.W) (string, error) {
	n, err := db.Value[int64](ctx, w, nextNumber, firstNumber)
	if err != nil {
		return "", fmt.Errorf("take a number: %w", err)
	}
	return fmt.Sprintf("%09d%03d", n, 100+n%11), nil
}

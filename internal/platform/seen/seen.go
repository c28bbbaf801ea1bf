// Package seen lets a form name what its page showed, so that nobody decides about what they did not look at.
package seen

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"

	"signpost/internal/platform/fault"
)

// Field is the hidden field of a form that names what its page showed.
const Field = "seen"

var errChanged = fault.SayCure(fault.Conflict, "What you looked at has changed since.",
	"Nothing was decided. Look at it again, then decide.")

// Of names what a page shows: the same for the same, and another one for whatever differs.
func Of(shown any) (string, error) {
	text, err := json.Marshal(shown)
	if err != nil {
		return "", fmt.Errorf("name what is shown: %w", err)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16]), nil
}

// Pick is one of several things that a form offers, as its page showed it.
type Pick struct{ ID, Seen string }

// Value is how a form offers something.
func (p Pick) Value() string { return p.ID + pickMark + p.Seen }

const pickMark = "~"

// Picked reads what was chosen of what a form offered.
func Picked(value string) Pick {
	id, name, _ := strings.Cut(value, pickMark)
	return Pick{ID: id, Seen: name}
}

// Check refuses a decision about what is not, any more, what its page showed.
func Check(seen string, now any) error {
	name, err := Of(now)
	if err == nil && name != seen {
		err = errChanged
	}
	return err
}

// Package name holds the one rule for the names of people, services and organisations: whatever comes in, typed or in a
// file, must consist of characters that can be seen.
package name

import (
	"fmt"
	"strings"
	"unicode"

	"signpost/internal/platform/fault"
)

// Check is Problem for a field of a form.
func Check(field, text string) error {
	for _, c := range text {
		if hidden(c) {
			return unseen(field, c)
		}
	}
	return nil
}

// Problem says what is wrong with a name, and what to do about it; empty if nothing is. Marks that change the direction
// of writing would make a page read otherwise than it was written, and a character that cannot be seen makes two names
// look the same.
func Problem(text string) string {
	return message(Check("", text))
}

func unseen(field string, c rune) error {
	code := fmt.Sprintf("%04X", c)
	return fault.Keyed("name-hidden", fault.OfField(field, fmt.Sprintf(
		"There is a character that cannot be seen (U+%s). Take it out, or type this again", code)), "code", code)
}

func cannotBeSeen(c rune) string { return message(unseen("", c)) }

func message(err error) string {
	f, is := fault.From(err)
	if !is {
		return ""
	}
	return f.Message
}

// hidden reports whether a character shows nothing of itself. The two joiners are a part of how some languages write.
func hidden(c rune) bool {
	const joiners = "\u200c\u200d"
	return unicode.Is(unicode.Cc, c) || unicode.Is(unicode.Cf, c) && !strings.ContainsRune(joiners, c) ||
		c == '\u2028' || c == '\u2029'
}

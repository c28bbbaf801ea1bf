// Package name holds the one rule for the names of people, services and organisations: whatever comes in, typed or in a
// file, must consist of characters that can be seen.
package name

import (
	"fmt"
	"strings"
	"unicode"
)

// Problem says what is wrong with a name, and what to do about it; empty if nothing is. Marks that change the direction
// of writing would make a page read otherwise than it was written, and a character that cannot be seen makes two names
// look the same.
func Problem(text string) string {
	for _, c := range text {
		if hidden(c) {
			return cannotBeSeen(c)
		}
	}
	return ""
}

func cannotBeSeen(c rune) string {
	return fmt.Sprintf("There is a character that cannot be seen (U+%04X). Take it out, or type this again", c)
}

// hidden reports whether a character shows nothing of itself. The two joiners are a part of how some languages write.
func hidden(c rune) bool {
	const joiners = "\u200c\u200d"
	return unicode.Is(unicode.Cc, c) || unicode.Is(unicode.Cf, c) && !strings.ContainsRune(joiners, c) ||
		c == '\u2028' || c == '\u2029'
}

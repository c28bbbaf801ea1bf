package name

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Letters counts the letters and digits of a text. Neither dots nor characters that cannot be seen are a reason.
func Letters(text string) int { return utf8.RuneCountInString(letters(text)) }

// CheckText is Check for a text of several lines, in a field of a form. It takes no character either that programs pass
// over where they look for links, and that people do not see.
func CheckText(field, text string) error {
	for _, c := range text {
		if c == '\n' || c == '\r' || c == '\t' {
			continue
		}
		if hidden(c) || unicode.Is(unicode.Cf, c) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, c) {
			return unseen(field, c)
		}
	}
	return nil
}

// Plain writes a text with the marks that programs take for ours: whatever looks like a full stop, a slash, a colon or
// an @ in an address is one.
func Plain(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsNumber(c) {
			return c
		}
		return plainMark(c)
	}, norm.NFKC.String(text))
}

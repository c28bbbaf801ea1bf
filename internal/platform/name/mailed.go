package name

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"signpost/internal/platform/fault"
)

// maxMailed is the longest name of a person that is taken for mails, in characters.
const maxMailed = 100

// dotted is a full stop between letters, by which mail programs take a text for an address and make a link of it.
var dotted = regexp.MustCompile(`\pL\pM*\.\pL`)

// CheckMailed is Check for names of people that somebody types whom nobody knows yet, and that stand in our mails: it
// refuses whatever mail programs make links of, and telephone numbers.
func CheckMailed(field, text string) error {
	switch {
	case utf8.RuneCountInString(text) > maxMailed:
		return fault.OfField(field, "Enter a name of 100 characters or fewer")
	case strings.ContainsAny(text, ":/@") || strings.ContainsFunc(text, unicode.IsDigit):
		return fault.OfField(field, "Enter a name without digits and without the characters : / and @")
	case dotted.MatchString(text):
		return fault.OfField(field, "Enter a space after a full stop in a name, such as J. R.")
	}
	return Check(field, text)
}

package name

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mtibben/confusables"
	"golang.org/x/text/unicode/norm"

	"signpost/internal/platform/fault"
)

// maxMailed is the longest name of a person that is taken for mails, in characters.
const maxMailed = 100

// dotted is a full stop between letters, by which mail programs take a text for an address and make a link of it.
var dotted = regexp.MustCompile(`\pL\pM*\.\pL`)

// CheckMailed is Check for names of people that somebody types whom nobody knows yet, and that stand in our mails: it
// refuses whatever mail programs make links of, and telephone numbers, also in characters that only look like those.
func CheckMailed(field, text string) error {
	compatible := norm.NFKC.String(text)
	plain := strings.Map(plainMark, compatible)
	switch {
	case utf8.RuneCountInString(text) > maxMailed:
		return fault.OfField(field, "Enter a name of 100 characters or fewer")
	case strings.ContainsAny(plain, ":/@") || strings.ContainsFunc(compatible, unicode.IsNumber):
		return fault.OfField(field, "Enter a name without digits and without the characters : / and @")
	case dotted.MatchString(plain):
		return fault.OfField(field, "Enter a space after a full stop in a name, such as J. R.")
	}
	return Check(field, text)
}

// plainMark gives the ASCII character that a punctuation mark looks like, and any other character as it is. Browsers
// take the full stop of Chinese and Japanese in an address for ours (UTS #46).
func plainMark(c rune) rune {
	const ideographicStop = '\u3002'
	switch {
	case c == ideographicStop:
		return '.'
	case unicode.IsLetter(c) && !unicode.Is(unicode.Lm, c), unicode.IsMark(c):
		return c
	}
	plain, size := utf8.DecodeRuneInString(confusables.Skeleton(string(c)))
	if size == 0 || plain > unicode.MaxASCII {
		return c
	}
	return plain
}

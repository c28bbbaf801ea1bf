package name

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/mtibben/confusables"
	"golang.org/x/text/unicode/norm"
)

// disguiseProblem says which letters of a text are Latin ones to the eye and something else in truth; empty if none
// are: other forms of single Latin letters, and whole names of letters of another alphabet that look like Latin ones
// (UTS #39 §4.2).
func disguiseProblem(text string) string {
	for _, c := range text {
		if plain := plainForm(c); plain != "" {
			return fmt.Sprintf("The character “%c” (U+%04X) is a form of %s. Enter %s instead", c, c, plain, plain)
		}
		if unicode.Is(phonetic, c) || enclosed(c) {
			return fmt.Sprintf("The character “%c” (U+%04X) cannot be in a name. Enter a plain letter instead", c, c)
		}
	}
	written := letters(text)
	if !isASCII(written) && !strings.ContainsFunc(written, isLatin) && isASCII(confusables.Skeleton(written)) {
		return "All letters of this name look like Latin letters, and are of another alphabet. Use Latin letters"
	}
	return ""
}

// plainForm gives the Latin letters or the digit of which a character is another form, such as a wide or a
// mathematical one; empty if it is none. Signs that people use as such stay, as in “m²”, “™” and “№ 5”.
func plainForm(c rune) string {
	if c <= unicode.MaxASCII || !unicode.IsLetter(c) && !unicode.IsDigit(c) && !enclosed(c) {
		return ""
	}
	plain := norm.NFKC.String(string(c))
	if !isASCII(plain) {
		return ""
	}
	return plain
}

// enclosed reports whether a character is a letter in a circle or a square, or one of a flag, which Unicode counts
// among the symbols.
func enclosed(c rune) bool {
	return c >= '\u24B6' && c <= '\u24E9' || c >= '\U0001F130' && c <= '\U0001F189' ||
		c >= '\U0001F1E6' && c <= '\U0001F1FF'
}

// phonetic are the letters by which sounds are written. Some are small capitals of Latin ones; names have none.
var phonetic = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x0250, Hi: 0x02AF, Stride: 1}, {Lo: 0x1D00, Hi: 0x1DBF, Stride: 1}, {Lo: 0xA730, Hi: 0xA731, Stride: 1},
	{Lo: 0xAB30, Hi: 0xAB6F, Stride: 1},
}}

func isLatin(c rune) bool { return unicode.Is(unicode.Latin, c) }

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(c rune) bool { return c > unicode.MaxASCII })
}

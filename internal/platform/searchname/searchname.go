// Package searchname makes names searchable by the beginnings of their words, so that no database has to fold
// case or order names in its own way.
//
// Case, accents, apostrophes and hyphens do not count: "sian" finds Siân, "obrien" and "brien" find O'Brien, "smith
// jones" and "smithjones" find Smith-Jones.
package searchname

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Of is a name as it is kept for searching: its words, one space before each.
func Of(name string) string {
	var words strings.Builder
	for _, word := range Words(name) {
		words.WriteString(" " + word)
	}
	return words.String()
}

// Words lists the words by which a name is found. What has an apostrophe or a hyphen is found as one word, and by each
// part that is a word.
func Words(name string) []string {
	var words []string
	add := func(word string) {
		if word != "" && !slices.Contains(words, word) {
			words = append(words, word)
		}
	}
	for _, part := range typed(name) {
		add(part)
	}
	for joined := range strings.FieldsSeq(marked(name)) {
		parts := strings.FieldsFunc(joined, func(c rune) bool { return c == apostrophe || c == hyphen })
		if len(parts) < 2 {
			continue
		}
		add(strings.Join(parts, ""))
		for _, part := range parts[1:] {
			if len(part) > 1 {
				add(part)
			}
		}
	}
	return words
}

// typed gives the words of a text.
func typed(text string) []string { return strings.Fields(Fold(text, ' ')) }

// The most that is looked at of what somebody typed; nobody types more by hand.
const (
	maxTyped     = 10
	maxTypedText = 500 // bytes
)

// Typed lists the words of what somebody typed to find a name: the longest first, which the fewest names have, and at
// most 10 of them.
func Typed(text string) []string {
	text = strings.ToValidUTF8(text[:min(len(text), maxTypedText)], "")
	words := typed(text)
	slices.SortStableFunc(words, func(a, b string) int {
		return utf8.RuneCountInString(b) - utf8.RuneCountInString(a)
	})
	words = slices.Compact(words)
	return words[:min(len(words), maxTyped)]
}

// HasWord reports whether what somebody typed has a word of at least so many letters and digits. A search for less
// would find nearly everything.
func HasWord(text string, letters int) bool {
	words := Typed(text)
	return len(words) > 0 && utf8.RuneCountInString(words[0]) >= letters
}

// Match reports whether a name has words that begin with all that somebody typed.
func Match(name, text string) bool {
	kept := Of(name)
	words := Typed(text)
	for _, word := range words {
		if !strings.Contains(kept, " "+word) {
			return false
		}
	}
	return len(words) > 0
}

// Patterns gives, for what somebody typed, a LIKE pattern for each word, to be used with ESCAPE '!'. A
// name that Of made matches when all of them do.
func Patterns(text string) []string {
	var list []string
	for _, word := range Typed(text) {
		list = append(list, "% "+word+"%")
	}
	return list
}

// The marks within a word, as marked has them.
const (
	apostrophe = '\''
	hyphen     = '-'
)

// Fold leaves lower-case letters and digits of a text. Accents and apostrophes go; each other character becomes
// between, or goes too if that is negative.
func Fold(text string, between rune) string {
	return strings.Map(func(c rune) rune {
		switch c {
		case apostrophe:
			return -1
		case hyphen, ' ':
			return between
		}
		return c
	}, marked(text))
}

// marked folds a text, but leaves the marks within words: all apostrophes as one and all hyphens as one.
func marked(text string) string {
	folded := strings.Map(func(c rune) rune {
		switch {
		case unicode.IsLetter(c), unicode.IsDigit(c):
			return unicode.ToLower(c)
		case unicode.Is(unicode.Mn, c):
			return -1
		case strings.ContainsRune("'’‘‛`ʼʻʹ′", c):
			return apostrophe
		case strings.ContainsRune("-‐‑‒–−", c):
			return hyphen
		}
		return ' '
	}, norm.NFKD.String(strings.ReplaceAll(text, "´", "'")))
	return ligatures.Replace(folded)
}

// ligatures are the letters that Unicode does not take apart.
var ligatures = strings.NewReplacer("ß", "ss", "æ", "ae", "œ", "oe", "ø", "o", "đ", "d", "ð", "d", "þ", "th", "ł", "l",
	"ħ", "h", "ı", "i", "ŧ", "t", "ŋ", "n")

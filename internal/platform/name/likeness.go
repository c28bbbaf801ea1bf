package name

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mtibben/confusables"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Likeness says how a name looks. People take two names for each other if they look alike: if they differ only in
// letters that look the same (UTS #39), in digits that look like letters, in case, in accents, in spaces or in marks
// such as hyphens.
type Likeness struct {
	written string // of the letters as they stand: a capital Cyrillic letter looks like another one than the small one
	folded  string // of the letters without case
}

// LikenessOf gives what a name looks like.
func LikenessOf(text string) Likeness {
	plain := norm.NFKC.String(text)
	return Likeness{written: looks(plain), folded: looks(fold(plain))}
}

// looks writes a text with one letter for all those that look the same.
func looks(text string) string {
	return asLetters.Replace(letters(fold(confusables.Skeleton(text))))
}

// asLetters has those that UTS #39 tells apart, and a reader in a hurry does not.
var asLetters = strings.NewReplacer("0", "o", "1", "l", "i", "l", "5", "s")

// Keys gives the texts of which two names share one if they look alike, so that an index finds those that do.
func (l Likeness) Keys() []string {
	if l.written == l.folded {
		return []string{l.written}
	}
	return []string{l.written, l.folded}
}

// Like reports whether people could take the two names for each other.
func (l Likeness) Like(other Likeness) bool {
	return slices.ContainsFunc(l.Keys(), func(key string) bool { return slices.Contains(other.Keys(), key) })
}

// Holds reports whether people could read the other name as a part of this one.
func (l Likeness) Holds(other Likeness) bool {
	return strings.Contains(l.written, other.written) || strings.Contains(l.folded, other.folded)
}

func fold(text string) string { return cases.Fold().String(text) }

// letters leaves the letters and numbers of a text.
func letters(text string) string {
	return strings.Map(func(c rune) rune {
		if isLetter(c) {
			return c
		}
		return -1
	}, norm.NFKD.String(text))
}

func isLetter(c rune) bool { return unicode.IsLetter(c) || unicode.IsNumber(c) }

// PublicProblem says what is wrong with a name by which people know a service or a team; empty if nothing is. Beyond
// what Problem refuses it has no character at all that shows nothing of itself, so that no two names look the same, and
// its letters are of one alphabet and are what they look like.
func PublicProblem(text string) string {
	for _, c := range text {
		if hidden(c) || unicode.Is(unicode.Cf, c) || unicode.Is(unicode.Other_Default_Ignorable_Code_Point, c) ||
			unicode.Is(unicode.Variation_Selector, c) {
			return cannotBeSeen(c)
		}
	}
	if !strings.ContainsFunc(text, isLetter) {
		return "Enter a name with letters or numbers in it"
	}
	if problem := mixedProblem(text); problem != "" {
		return problem
	}
	return disguiseProblem(text)
}

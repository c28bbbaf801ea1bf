// Package reading measures how old somebody has to be to read a text with ease, as schools teach English.
//
// The measure is the Flesch-Kincaid grade (Kincaid and others, 1975): 0.39 for each word of a sentence, and 11.8 for
// each syllable of a word, less 15.59, on average. It is the school year in the United States, in which a child is five
// years older than its number. Syllables are counted from spelling, so that a text can be a few tenths off. The package
// judges no content.
package reading

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Measure is what was counted of a text.
type Measure struct {
	Words, Sentences, Syllables int
}

// yearsOlder is how much older a child is than the number of its grade.
const yearsOlder = 5

// Age gives the age from which a text is read with ease, in whole years, and 0 for a text without words.
func (m Measure) Age() int {
	if m.Words == 0 {
		return 0
	}
	grade := 0.39*float64(m.Words)/float64(m.Sentences) + 11.8*float64(m.Syllables)/float64(m.Words) - 15.59
	return max(yearsOlder, int(math.Round(grade))+yearsOlder)
}

// Of measures a text. Terms that its readers know, and that nobody can avoid, count as one word of two syllables each.
// So does what stands between quotation marks, as it is somebody else's words, and whatever has a digit or is an
// address. Headings and lines of lists, which have no full stop, make a text no easier: they are left out where it has
// sentences.
func Of(text string, known ...string) Measure {
	var m Measure
	for _, sentence := range prose(sentences(text)) {
		words := wordsOf(sentence, known)
		if len(words) == 0 {
			continue
		}
		m.Sentences++
		m.Words += len(words)
		for _, word := range words {
			m.Syllables += syllables(word)
		}
	}
	return m
}

// Longest gives the sentences that have most words, so many at most, the longest first.
func Longest(text string, n int) []string {
	list := sentences(text)
	slices.SortStableFunc(list, func(x, y string) int {
		return cmp.Compare(len(wordsOf(y, nil)), len(wordsOf(x, nil)))
	})
	return list[:min(n, len(list))]
}

// prose gives the sentences that end as sentences do; all, where none does.
func prose(list []string) []string {
	whole := slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !ends.MatchString(s) })
	if len(whole) == 0 {
		return list
	}
	return whole
}

var (
	quoted = regexp.MustCompile(`"[^"]*"|“[^”]*”`)
	ends   = regexp.MustCompile(`[.!?]+["”)]*(\s+|$)|\n+`)
	terms  = "x#" // stands for a term that counts as one word
)

// sentences splits a text after full stops and at the ends of lines: a line of a list or a heading is a sentence.
func sentences(text string) (list []string) {
	at := 0
	for _, end := range ends.FindAllStringIndex(text, -1) {
		list = append(list, text[at:end[1]])
		at = end[1]
	}
	list = append(list, text[at:])
	for i, s := range list {
		list[i] = strings.TrimSpace(s)
	}
	return slices.DeleteFunc(list, func(s string) bool { return !strings.ContainsFunc(s, unicode.IsLetter) })
}

// wordsOf gives the words of a sentence, with terms for those that count as one.
func wordsOf(sentence string, known []string) (list []string) {
	sentence = quoted.ReplaceAllString(sentence, " "+terms+" ")
	for _, term := range known {
		sentence = replaceFold(sentence, term, terms)
	}
	for word := range strings.FieldsSeq(strings.NewReplacer("-", " ", "/", " ").Replace(plain(sentence))) {
		if strings.ContainsFunc(word, unicode.IsLetter) || strings.ContainsFunc(word, unicode.IsDigit) {
			list = append(list, strings.ToLower(word))
		}
	}
	return list
}

// plain puts a term in place of each address.
func plain(sentence string) string {
	words := strings.Fields(sentence)
	for i, word := range words {
		if strings.Contains(word, "://") || strings.Contains(word, "@") {
			words[i] = terms
		}
	}
	return strings.Join(words, " ")
}

// replaceFold replaces a term wherever it stands as whole words, in capitals or not; a plural counts, too.
func replaceFold(sentence, term, by string) string {
	return regexp.MustCompile(`(?i)\b`+regexp.QuoteMeta(term)+`s?\b`).ReplaceAllString(sentence, by)
}

var (
	vowels = regexp.MustCompile(`[aeiouy]+`)
	// apart are groups of vowels of two syllables.
	apart = regexp.MustCompile(`[^tscg]ia|[^cgstx]io|[^p]eo[^u]|uou|[aeiouy]ing$|[^gq]ua[lt]|iet|dien|..ea$`)
	// silent are ends that are written and not said.
	silent = regexp.MustCompile(
		`[^aeiouyl]e$|[aeiouy]le$|[^aeiou]re$|[^aeiouytd]ed$|[^aeiouycgsxz]es$|[aeiouy][^aeioutd]ed$`)
)

// syllables counts the syllables of a word from how it is written.
func syllables(word string) int {
	if strings.ContainsFunc(word, func(c rune) bool { return c == '#' || unicode.IsDigit(c) }) {
		return 2
	}
	word = strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) {
			return c
		}
		return -1
	}, word)
	n := len(vowels.FindAllString(word, -1)) + len(apart.FindAllString(word, -1))
	if silent.MatchString(word) {
		n--
	}
	return max(1, n)
}

package email

import (
	"strings"
	"unicode"
)

// Difference says how two addresses differ, as far as that can be seen from them.
type Difference string

// The differences. Each is the same in both directions.
const (
	NoDifference Difference = ""
	OtherDomain  Difference = "domain" // what stands before the @ is one
	Mistyped     Difference = "typo"   // a letter or two are wrong, missing, added or changed places
	OtherName    Difference = "name"   // one domain, and one of several words before the @
	AllDifferent Difference = "all"
)

// Differ compares two addresses by their keys. A key that a person has to look at differs in all from every other one.
func Differ(one, other string) Difference {
	if one == other {
		return NoDifference
	}
	local, domain, plain := parts(one)
	otherLocal, otherDomain, otherPlain := parts(other)
	switch {
	case !plain || !otherPlain:
		return AllDifferent
	case local == otherLocal && !mistyped(domain, otherDomain):
		return OtherDomain
	case local == otherLocal, domain == otherDomain && mistyped(local, otherLocal):
		return Mistyped
	case domain == otherDomain && withoutDigits(local) != withoutDigits(otherLocal) && shareWord(local, otherLocal):
		return OtherName
	}
	return AllDifferent
}

func parts(key string) (local, domain string, plain bool) {
	at := strings.LastIndexByte(key, '@')
	if at < 1 || strings.HasPrefix(key, lookPrefix) {
		return "", "", false
	}
	return key[:at], key[at+1:], true
}

const (
	minMistyped = 5 // letters of the shorter one: among fewer, two wrong ones are another word
	maxMistyped = 2 // letters
)

// mistyped reports whether one text may be the other with a slip of the keyboard. Digits tell people of one name apart,
// so texts that differ in them are no slip.
func mistyped(one, other string) bool {
	if digits(one) != digits(other) || min(len(one), len(other)) < minMistyped {
		return false
	}
	maxSlips := 1
	if min(len(one), len(other)) >= 2*minMistyped {
		maxSlips = maxMistyped
	}
	return slips(one, other) <= maxSlips
}

func digits(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsDigit(c) {
			return c
		}
		return -1
	}, text)
}

func withoutDigits(text string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsDigit(c) {
			return -1
		}
		return c
	}, text)
}

// slips counts by how many letters that were left out, added, taken for another or changed places one text became the
// other.
func slips(one, other string) int {
	before := make([]int, len(other)+1) // the row before the last
	last := make([]int, len(other)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(one); i++ {
		row := make([]int, len(other)+1)
		row[0] = i
		for j := 1; j <= len(other); j++ {
			wrong := 1
			if one[i-1] == other[j-1] {
				wrong = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+wrong)
			if i > 1 && j > 1 && one[i-1] == other[j-2] && one[i-2] == other[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before = last
		last = row
	}
	return last[len(other)]
}

// minWord is how many letters a word has that two addresses may share.
const minWord = 3

// shareWord reports whether what stands before the @ of two addresses has a word in common, as when the family name
// changed.
func shareWord(one, other string) bool {
	words := map[string]bool{}
	for word := range strings.FieldsFuncSeq(one, noLetter) {
		words[word] = len(word) >= minWord
	}
	for word := range strings.FieldsFuncSeq(other, noLetter) {
		if words[word] {
			return true
		}
	}
	return false
}

func noLetter(c rune) bool { return !unicode.IsLetter(c) }

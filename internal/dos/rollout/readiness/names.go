package readiness

import (
	"hash/maphash"
	"slices"

	"signpost/internal/platform/searchname"
)

// nameSeed makes the keys of names of one run.
var nameSeed = maphash.MakeSeed()

// nameKey is equal for two names that are written alike, but for case, accents and the order of their words; 0 is no
// name.
func nameKey(first, last []byte) (key uint64) {
	if !isPlainName(first) || !isPlainName(last) {
		for _, word := range nameWords(string(first), string(last)) {
			key += maphash.String(nameSeed, word)
		}
		return key
	}
	var lower [64]byte
	for _, text := range [2][]byte{first, last} {
		word := lower[:0]
		for _, c := range text {
			if c != ' ' {
				word = append(word, c|0x20)
				continue
			}
			if len(word) > 0 {
				key += maphash.Bytes(nameSeed, word)
			}
			word = lower[:0]
		}
		if len(word) > 0 {
			key += maphash.Bytes(nameSeed, word)
		}
	}
	return key
}

// maxPlainName is the longest name, in bytes, that is read without being taken apart.
const maxPlainName = 64

func isPlainName(text []byte) bool {
	if len(text) > maxPlainName {
		return false
	}
	for _, c := range text {
		if c != ' ' && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

func nameWords(first, last string) []string {
	words := searchname.Words(first + " " + last)
	slices.Sort(words)
	return words
}

// likeness says how two names compare.
type likeness int

const (
	namesUnknown likeness = iota // one of them is not there
	namesDiffer
	namesShare // some words of the two are the same, as where a family name changed
	namesAgree
)

// compareTo compares the name of an account with that of a Care Identity.
func (a Account) compareTo(one Identity) likeness {
	if a.name != 0 && a.name == one.name {
		return namesAgree
	}
	return compareNames(a.FirstName, a.LastName, one.FirstName, one.LastName)
}

// compareNames compares two names. Case, accents and the order of the words do not count.
func compareNames(first, last, otherFirst, otherLast string) likeness {
	ours := nameWords(first, last)
	theirs := nameWords(otherFirst, otherLast)
	switch {
	case len(ours) == 0 || len(theirs) == 0:
		return namesUnknown
	case slices.Equal(ours, theirs):
		return namesAgree
	case slices.ContainsFunc(ours, func(word string) bool { return slices.Contains(theirs, word) }):
		return namesShare
	}
	return namesDiffer
}

// Package searchname makes names searchable by the beginnings of their words, so that no database has to fold
// case or order names in its own way.
package searchname

import "strings"

// Of is a name as it is kept for searching: lower case, apostrophes gone, other punctuation as spaces,
// one space before each word.
func Of(name string) string {
	plain := strings.Map(func(c rune) rune {
		switch {
		case c == '\'' || c == '’':
			return -1
		case c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c > 127:
			return c
		case c >= 'A' && c <= 'Z':
			return c + 'a' - 'A'
		}
		return ' '
	}, name)
	var words strings.Builder
	for word := range strings.FieldsSeq(plain) {
		words.WriteString(" " + word)
	}
	return words.String()
}

// Patterns gives, for what somebody typed, a LIKE pattern for each word, to be used with ESCAPE '!'. A
// name that Of made matches when all of them do.
func Patterns(typed string) []string {
	var list []string
	for word := range strings.FieldsSeq(Of(typed)) {
		list = append(list, "% "+strings.NewReplacer("!", "!!", "%", "!%", "_", "!_").Replace(word)+"%")
	}
	return list
}

// Match says whether each word that somebody typed begins a word of a name.
func Match(typed, name string) bool {
	kept := Of(name)
	for word := range strings.FieldsSeq(Of(typed)) {
		if !strings.Contains(kept, " "+word) {
			return false
		}
	}
	return true
}

package page

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"signpost/internal/platform/web/nhsuk"
)

// summary lists the fields by names that people can read.
func (f HeldForm) summary() nhsuk.SummaryListParams {
	var list nhsuk.SummaryListParams
	for _, field := range f.Fields {
		if unseen[field.Name] {
			continue
		}
		list.Rows = append(list.Rows, nhsuk.SummaryListRow{Key: readable(field.Name), Value: field.Value})
	}
	return list
}

// unseen are fields of our forms that nobody typed or saw: which state of a thing its page had shown.
var unseen = map[string]bool{"seen": true, "version": true, HeldSent: true}

// readable turns a field's name, "public_phone", into words: "Public phone".
func readable(name string) string {
	words := strings.ReplaceAll(strings.ReplaceAll(name, "_", " "), "-", " ")
	first, size := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[size:]
}

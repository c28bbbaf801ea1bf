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
		list.Rows = append(list.Rows, nhsuk.SummaryListRow{Key: readable(field.Name), Value: field.Value})
	}
	return list
}

// readable turns a field's name, "public_phone", into words: "Public phone".
func readable(name string) string {
	words := strings.ReplaceAll(strings.ReplaceAll(name, "_", " "), "-", " ")
	first, size := utf8.DecodeRuneInString(words)
	return string(unicode.ToUpper(first)) + words[size:]
}

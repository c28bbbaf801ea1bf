// Package cell reads the cells of files as people and spreadsheets write them: dates, telephone numbers, yes and no.
// What cannot be read is a fault that quotes the cell and says what to write.
//
// It does not know of what the file is a list.
package cell

import (
	"slices"
	"strings"
	"time"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/name"
	"signpost/internal/platform/sheet"
)

// Normalised gives a text in the form that keys use: in lower case with single spaces.
func Normalised(text string) string { return strings.ToLower(strings.Join(strings.Fields(text), " ")) }

// Date reads a day as people write it, and gives it as 2026-06-15.
func Date(row sheet.Row, column string) (string, error) {
	for _, form := range []string{time.DateOnly, "02/01/2006", "2 January 2006"} {
		if day, err := time.Parse(form, row.Get(column)); err == nil {
			return day.Format(time.DateOnly), nil
		}
	}
	return "", NotOne(row, column, "a day", "Enter one like 2026-06-15, 15/06/2026 or 15 June 2026")
}

// Joined gives the cells of some columns that are not empty, with commas between them.
func Joined(row sheet.Row, columns ...string) string {
	var parts []string
	for _, column := range columns {
		if part := row.Get(column); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", ")
}

// Required gives the text of a cell that must hold something.
func Required(row sheet.Row, column string) (string, error) {
	text := strings.TrimSpace(row.Get(column))
	if text == "" {
		return "", fault.OfField(column, "Fill in the "+strings.ReplaceAll(column, "_", " "))
	}
	if problem := name.Problem(text); problem != "" {
		return "", fault.OfField(column, "In "+fault.Quoted(text)+": "+problem)
	}
	return text, nil
}

// NotOne is the fault of a cell that is not what its column holds. It quotes the cell and says what to write; of an
// empty one there is nothing to quote.
func NotOne(row sheet.Row, column, what, cure string) error {
	text := row.Get(column)
	if text == "" {
		return fault.OfField(column, "There is nothing where "+what+" belongs. "+cure)
	}
	return fault.OfField(column, fault.Quoted(text)+" is not "+what+". "+cure)
}

// WithoutNA gives an empty text for NA, which some sources write for a missing value.
func WithoutNA(text string) string {
	if strings.EqualFold(text, "NA") {
		return ""
	}
	return text
}

// Several splits a cell into the values in it.
func Several(cell string) (values []string) {
	for value := range strings.FieldsFuncSeq(cell, func(c rune) bool { return c == ';' || c == '|' || c == '\n' }) {
		if value = strings.TrimSpace(value); value != "" {
			values = append(values, value)
		}
	}
	return values
}

// Yes and No are what people write for them, in lower case.
var (
	Yes = []string{"yes", "y", "true", "t", "1", "x"}
	No  = []string{"no", "n", "false", "f", "0", ""}
)

// YesOrNo reads whether something is so; an empty cell says that it is not.
func YesOrNo(row sheet.Row, column string) (bool, error) {
	text := strings.ToLower(row.Get(column))
	switch {
	case slices.Contains(Yes, text):
		return true, nil
	case slices.Contains(No, text):
		return false, nil
	}
	return false, NotOne(row, column, "yes or no", "Enter yes or no")
}

// Plain leaves the letters and digits of a text, in lower case.
func Plain(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' {
			return c
		}
		return -1
	}, strings.ToLower(text))
}

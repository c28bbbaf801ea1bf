package frame

import (
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web/nhsuk"
)

// FieldError is one thing wrong with a form. Field is empty where it is about the whole.
type FieldError struct{ Field, Text string }

// ErrorsOf gives what a fault says of a form, and whether it is one to show there.
func ErrorsOf(err error) ([]FieldError, bool) {
	f, known := fault.From(err)
	if !known || f.Says == "" {
		return nil, false
	}
	text := f.Says
	if f.Cure != "" {
		text += ". " + f.Cure
	}
	return []FieldError{{Field: f.Field, Text: trimmed(text)}}, true
}

// trimmed mends a sentence that ended before its cure was added.
func trimmed(text string) string {
	out := make([]rune, 0, len(text))
	var last rune
	for _, r := range text {
		if r == '.' && last == '.' {
			continue
		}
		out = append(out, r)
		last = r
	}
	return string(out)
}

// Of gives the text about one field, or empty.
func Of(errors []FieldError, field string) string {
	for _, e := range errors {
		if e.Field == field {
			return e.Text
		}
	}
	return ""
}

func summary(errors []FieldError) nhsuk.ErrorSummaryParams {
	var items []nhsuk.ErrorItem
	for _, e := range errors {
		item := nhsuk.ErrorItem{Text: e.Text}
		if e.Field != "" {
			item.Href = "#" + e.Field
		}
		items = append(items, item)
	}
	return nhsuk.ErrorSummaryParams{ErrorList: items}
}

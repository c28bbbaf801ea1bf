package held

import (
	"net/url"
	"strings"

	"signpost/internal/platform/web/nhsuk"
)

// Field is what a person fills in, in a form of a site's.
type Field struct {
	Name  string
	Label string            // as the form has it
	Words map[string]string // what is shown for a value, where that is not what was typed
}

// Choice is the field of which one of some radios can be chosen.
func Choice(p nhsuk.RadiosParams) Field {
	f := Field{Name: p.Name, Label: p.Fieldset.Legend.Text, Words: map[string]string{}}
	for _, item := range p.Items {
		f.Words[item.Value] = item.Text
	}
	return f
}

// shown is a value in words.
func (f Field) shown(value string) string {
	if words, known := f.Words[value]; known {
		return words
	}
	return value
}

// typed is what a person filled in of a form that is sent to a path, in the words that the form has for it.
func (p Posts) typed(path string, sent url.Values) (rows []nhsuk.SummaryListRow) {
	for _, f := range p.Forms {
		if f.Sent(path) {
			return f.Typed(sent)
		}
	}
	for _, field := range p.Fields {
		var words []string
		for _, value := range sent[field.Name] {
			if value != "" {
				words = append(words, field.shown(value))
			}
		}
		if len(words) > 0 {
			rows = append(rows, nhsuk.SummaryListRow{Key: field.Label, Value: strings.Join(words, ", ")})
		}
	}
	return rows
}

package frame

import (
	"net/http"
	"strings"

	"signpost/internal/careid/login/words"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// FieldError is one thing wrong with a form. Field is empty where it is about the whole.
type FieldError struct{ Field, Text string }

// ErrorsOf gives what a fault says of a form, in a language, and whether it is one to show there.
func ErrorsOf(l words.Language, err error) ([]FieldError, bool) {
	f, known := fault.From(err)
	if !known || f.Says == "" {
		return nil, false
	}
	return []FieldError{{Field: f.Field, Text: textOf(l, f)}}, true
}

// textOf is what a form says of a fault, in one piece.
func textOf(l words.Language, f *fault.Fault) string {
	said := l.Fault(f)
	if said.Cure == "" {
		return said.Says
	}
	return strings.TrimSuffix(said.Says, ".") + ". " + said.Cure
}

// Status is that of a page that shows a form: it came back if there are errors.
func Status(errors []FieldError) int {
	if len(errors) > 0 {
		return http.StatusUnprocessableEntity
	}
	return http.StatusOK
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

func summary(l words.Language, errors []FieldError) nhsuk.ErrorSummaryParams {
	var items []nhsuk.ErrorItem
	for _, e := range errors {
		item := nhsuk.ErrorItem{Text: e.Text}
		if e.Field != "" {
			item.Href = "#" + e.Field
		}
		items = append(items, item)
	}
	return nhsuk.ErrorSummaryParams{Heading: nhsuk.HeadingParams{Text: l.Say("frame.problem")}, ErrorList: items}
}

// FormWords are what a form says in a language.
func FormWords(l words.Language) form.Words {
	return form.Words{
		Problem: l.Say("frame.problem"), Error: l.Say("frame.error"),
		Fault: func(f *fault.Fault) string { return textOf(l, f) },
	}
}

// Password completes a password field with what its button says.
func Password(l words.Language, p nhsuk.PasswordInputParams) nhsuk.PasswordInputParams {
	p.ID, p.Name, p.Label, p.ErrorPrefix = "password", "password", nhsuk.LabelParams{Text: l.Say("password.label")}, l.Say("frame.error")
	p.ShowPasswordText, p.HidePasswordText = l.Say("password.show"), l.Say("password.hide")
	p.ShowPasswordAriaLabel, p.HidePasswordAriaLabel = l.Say("password.show_label"), l.Say("password.hide_label")
	p.PasswordShownAnnouncementText, p.PasswordHiddenAnnouncementText = l.Say("password.shown"), l.Say("password.hidden")
	return p
}

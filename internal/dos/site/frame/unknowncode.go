package frame

import (
	"net/http"

	"signpost/internal/dos/directory"
	"signpost/internal/national/ods"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// UnknownCode is the name of the box that somebody ticks whose ODS code nobody knows here.
const UnknownCode = "unknown_code"

// UnknownCodeField makes that box. It stands after the field "organisation", and only where it is asked.
func UnknownCodeField() form.Field { return form.Checkboxes(nhsuk.CheckboxesParams{Name: UnknownCode}) }

// AskUnknownCode asks once about an ODS code that is in the form of one and that nobody knows here: whoever typed it
// checks it, or says that it is right. Our list may be older than an organisation, so a code is not refused for that.
func (f *Frame) AskUnknownCode(r *http.Request, typed *form.Rendered) error {
	return f.AskAbout(r, typed, typed.Value("organisation"))
}

// AskAbout is AskUnknownCode about a code that is not typed into the form, as it stands on its page.
func (f *Frame) AskAbout(r *http.Request, typed *form.Rendered, organisation string) error {
	code, err := f.unknownCode(r, organisation)
	if err != nil || code == "" || typed.Value(UnknownCode) == code {
		return err
	}
	typed.Add(form.Problem{Field: UnknownCode, Text: "We do not know an organisation with the ODS code " +
		code + ". Check the code, or tick the box if it is right"})
	return nil
}

// KeepUnknownCode ticks the box for somebody who typed their code on another form, where they were asked about it.
func (f *Frame) KeepUnknownCode(r *http.Request, typed *form.Rendered) error {
	code, err := f.unknownCode(r, typed.Value("organisation"))
	typed.Set(UnknownCode, code)
	return err
}

// unknownCode gives an ODS code if nobody knows it here; empty if it is known, or is no code at all: that is refused
// where the form is taken.
func (f *Frame) unknownCode(r *http.Request, organisation string) (string, error) {
	code, err := ods.Parse(organisation)
	if err != nil {
		return "", nil //nolint:nilerr // it is refused elsewhere
	}
	knows, err := db.Read(r.Context(), f.DB, func(read db.R) (bool, error) {
		return directory.KnowsOrganisation(r.Context(), read, string(code))
	})
	if err != nil || knows {
		return "", err
	}
	return string(code), nil
}

// AsksUnknownCode reports whether the page of a form has the box, and offers it.
func AsksUnknownCode(typed *form.Rendered) bool { return AsksAbout(typed, typed.Value("organisation")) }

// AsksAbout is AsksUnknownCode where the code is not typed into the form.
func AsksAbout(typed *form.Rendered, organisation string) bool {
	code, err := ods.Parse(organisation)
	if err != nil || !typed.HasProblem(UnknownCode) && typed.Value(UnknownCode) != string(code) {
		return false
	}
	box := nhsuk.RadioItem{Value: string(code), Text: string(code) + " is right, send it as it is"}
	typed.Offer(UnknownCode, []nhsuk.RadioItem{box})
	return true
}

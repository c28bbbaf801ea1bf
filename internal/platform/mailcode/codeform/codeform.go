// Package codeform has what every form is made of that asks for a mailed code, or offers to send another one. It does
// not know what the code is for.
package codeform

import (
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// Another is the name of the button that sends another code.
const Another = "another"

// Fields ask for the code, and offer another one. A page writes its own button between the two, as the first button of
// a form is the one that is pressed with Enter.
func Fields() []form.Field {
	code := form.Input(nhsuk.InputParams{
		Name: "code", Label: nhsuk.LabelParams{Text: "Code from the email", Size: "s"},
		Hint:         "8 letters and numbers, such as BCDF 2345",
		Autocomplete: "one-time-code", Autocapitalize: "characters", Spellcheck: "false", Code: true, Width: 10,
	})
	return []form.Field{code, Button("Send another code")}
}

// Button sends another code.
func Button(text string) form.Field {
	return form.Button(nhsuk.ButtonParams{Text: text, Name: Another, Value: "yes", Variant: "secondary"})
}

// Wanted reports whether a form asks for another code.
func Wanted(sent *form.Rendered) bool { return sent.Value(Another) != "" }

// Text is said once another code was sent.
const Text = "We sent another code. Codes that we sent before it do not work any more."

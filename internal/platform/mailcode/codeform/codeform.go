// Package codeform has what every form is made of that asks for a mailed code, or offers to send another one. It does
// not know what the code is for.
package codeform

import (
	"github.com/a-h/templ"

	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// Another is the name of the button that sends another code.
const Another = "another"

// Fields ask for the code, and offer another one. A page writes its own button between the two, as the first button of
// a form is the one that is pressed with Enter.
func Fields() []form.Field { return fields(nil) }

// Alone are the Fields of a page that asks for nothing but the code, and on which no more happens than that it is
// looked at: a script sends it once it is there whole.
func Alone() []form.Field {
	return fields(form.SentWhole(CodeLength, "It is sent once you have typed all of it."))
}

func fields(attributes templ.Attributes) []form.Field {
	code := form.Input(nhsuk.InputParams{
		Name: "code", Label: nhsuk.LabelParams{Text: "Code from the email", Size: "s"},
		Hint:         "8 letters and numbers, such as BCDF 2345",
		Autocomplete: "one-time-code", Autocapitalize: "characters", Spellcheck: "false", Code: true, Width: 10,
		Attributes: attributes,
	})
	return []form.Field{code, Button("Send another code")}
}

// CodeLength is how many letters and digits a mailed code has.
const CodeLength = 8

// Button sends another code.
func Button(text string) form.Field {
	return form.Button(nhsuk.ButtonParams{Text: text, Name: Another, Value: "yes", Variant: "secondary"})
}

// Wanted reports whether a form asks for another code.
func Wanted(sent *form.Rendered) bool { return sent.Value(Another) != "" }

// Text is said once another code was sent.
const Text = "We sent another code. Codes that we sent before it do not work any more."

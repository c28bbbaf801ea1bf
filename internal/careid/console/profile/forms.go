package profile

import (
	"signpost/internal/platform/mailcode/codeform"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// emailForm asks for the address of the care identity.
var emailForm = form.Form{Path: "/view-your-profile/email",
	Page: "Enter your contact details", Act: "Update", Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "email", Type: "email", Label: nhsuk.LabelParams{Text: "Email address", Size: "s"},
			Hint: "Your own work address, the same as in the Directory of Services. " +
				"We send a code to it, and nothing changes until you type the code.",
			Autocomplete: "email", Spellcheck: "false",
		}),
	}}

// codeForm asks for the code that was mailed to the new address.
var codeForm = form.Form{Path: "/view-your-profile/email/code", Fields: codeform.Alone()}

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

// addForm asks what somebody adds to their own care identity. It offers what they may.
var addForm = form.Form{
	Path: "/view-your-profile/authenticators/add", Page: "Add an authenticator", Act: "Continue", Fields: []form.Field{
		form.Radios(nhsuk.RadiosParams{
			Name: "kind",
			Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{
				Text: "What do you want to add?", Size: "s",
			}},
		}).Required("Select what you want to add"),
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "declaration", Items: []nhsuk.CheckboxItem{{
			Value: "yes", Text: "It is for me alone: nobody else will use it, or know its PIN or password",
		}}}).Required("Tick the box if it is for you alone"),
	},
}

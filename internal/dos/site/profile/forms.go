package profile

import (
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/mailcode/codeform"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// emailForm changes the email address of the account, or asks to prove the present one.
var emailForm = form.Form{
	Path: "/account/email", At: frame.AccountPage, Page: "Account", Act: "Save",
	Fields: []form.Field{
		form.Input(nhsuk.InputParams{
			Name: "email", Type: "email", Label: nhsuk.LabelParams{Text: "Email Id", Size: "s"},
			Hint:         "Your own work address. We send a code to it, and nothing changes until you type the code.",
			Autocomplete: "email", Spellcheck: "false",
		}),
		form.Button(nhsuk.ButtonParams{
			Text: "Confirm the address I have", Name: "prove", Value: "present", Variant: "secondary",
		}),
	},
}

// phoneForm changes the telephone number of the account.
var phoneForm = form.Form{
	Path: "/account/phone", At: frame.AccountPage, Page: "Account", Act: "Save telephone",
	Fields: []form.Field{form.Input(nhsuk.InputParams{
		Name: "phone", Type: "tel", Label: nhsuk.LabelParams{Text: "Telephone", Size: "s"},
		Hint: "Your work number. DoS user administrators see it, and, if you open emergency rights or look " +
			"after services of a region, whoever needs you in an emergency. Leave it empty to take it away.",
		Autocomplete: "tel",
	})},
}

// codeForm asks for the code that was mailed to the new address.
var codeForm = form.Form{Path: "/account/email/code", Fields: codeform.Alone()}

// unlinkForm undoes the link of the account.
var unlinkForm = form.Form{Path: "/account/unlink", At: frame.AccountPage}

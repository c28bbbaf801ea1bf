package entry

import (
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// passwordForm signs in with a username and password, as long as passwords are accepted.
var passwordForm = form.Form{Path: "/sign-in", At: "/", Fields: []form.Field{
	usernameField("Username").Required("Enter your username"),
	passwordField("Password").Required("Enter your password"),
}}

// claimForm asks which account is the person's own.
var claimForm = form.Form{Path: "/link/claim", At: "/sign-in/no-account", Fields: []form.Field{
	usernameField("Directory of Services username").Required("Enter your Directory of Services username"),
	passwordField("Directory of Services password").Required("Enter your Directory of Services password"),
}}

// relinkCodeForm asks for the relink code that an administrator handed over to somebody who has no password.
var relinkCodeForm = form.Form{Path: "/link/code", Fields: []form.Field{
	usernameField("Directory of Services username").Required("Enter your Directory of Services username"),
	form.Input(nhsuk.InputParams{
		Name: "code", Label: nhsuk.LabelParams{Text: "Code from your DoS user administrator"},
		Hint:         "8 letters and numbers, such as BCDF 2345",
		Autocomplete: "off", Autocapitalize: "characters", Spellcheck: "false", Code: true, Width: 10,
	}).Required("Enter the code that your DoS user administrator gave you"),
}}

// roleForm asks in which of several roles somebody comes in.
var roleForm = form.Form{Path: "/sign-in/role", Fields: []form.Field{
	form.Radios(nhsuk.RadiosParams{
		Name:     "role",
		Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Choose a role", Size: "m"}},
	}).Required("Choose a role"),
}}

// organisationForm asks where somebody belongs.
var organisationForm = form.Form{Path: "/sign-in/organisation", Fields: []form.Field{
	form.Radios(nhsuk.RadiosParams{
		Name: "organisation",
		Fieldset: nhsuk.FieldsetParams{
			Legend: nhsuk.LegendParams{Text: "For which organisation do you use the Directory of Services?", Size: "m"},
		},
	}).Required("Choose an organisation"),
}}

func usernameField(label string) form.Field {
	return form.Input(nhsuk.InputParams{
		Name: "username", Label: nhsuk.LabelParams{Text: label},
		Autocomplete: "username", Spellcheck: "false", Autocapitalize: "none", Width: 20,
	})
}

func passwordField(label string) form.Field {
	return form.Password(nhsuk.PasswordInputParams{Name: "password", Label: nhsuk.LabelParams{Text: label}})
}

package request

import (
	asking "signpost/internal/dos/request"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/mailcode/codeform"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// askForm asks for an account.
var askForm = form.Form{Path: frame.RequestPath, Page: "Request a new DoS account", Act: "Continue",
	Fields: []form.Field{
		form.Hidden("invitation"),
		form.Input(nhsuk.InputParams{
			Name: "first_name", Label: nhsuk.LabelParams{Text: "First name", Size: "s"}, Autocomplete: "given-name",
			Spellcheck: "false",
		}).Required("Enter your first name"),
		form.Input(nhsuk.InputParams{
			Name: "last_name", Label: nhsuk.LabelParams{Text: "Last name", Size: "s"}, Autocomplete: "family-name",
			Spellcheck: "false",
		}).Required("Enter your last name"),
		form.Input(nhsuk.InputParams{
			Name: "email", Type: "email", Label: nhsuk.LabelParams{Text: "Email address", Size: "s"},
			Hint:         "Your own work address, if possible that of your Care Identity. We send a code to it.",
			Autocomplete: "email", Spellcheck: "false",
		}).Required("Enter your email address"),
		form.Input(nhsuk.InputParams{
			Name: "phone", Type: "tel", Label: nhsuk.LabelParams{Text: "Telephone number (optional)", Size: "s"},
			Autocomplete: "tel", Width: 20,
		}),
		form.Input(nhsuk.InputParams{
			Name: "organisation", Label: nhsuk.LabelParams{Text: "Home organisation or service", Size: "s"},
			Hint:           "Its ODS code, such as RXK or FXX01. Your manager or your registration authority knows it.",
			Autocapitalize: "characters", Autocomplete: "off", Spellcheck: "false", Width: 10,
		}).Required("Enter the ODS code of the organisation you work for"),
		frame.UnknownCodeField(),
		form.Select(nhsuk.SelectParams{
			Name: "profession", Label: nhsuk.LabelParams{Text: "What you work as", Size: "s"}, Items: professions(),
		}).Required("Choose what you work as"),
		form.Radios(nhsuk.RadiosParams{
			Name: "region", Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "Region", Size: "s"}},
		}),
		form.Textarea(nhsuk.TextareaParams{
			Name: "reason", Rows: 4,
			Label: nhsuk.LabelParams{Text: "Tell us why you need access to NHS Directory of Services", Size: "s"},
			Hint:  "In 15 characters or more.",
		}).Required("Tell us why you need access to NHS Directory of Services"),
	}}

func professions() []nhsuk.SelectItem {
	items := []nhsuk.SelectItem{{Text: "Choose one"}}
	for _, p := range asking.Professions {
		items = append(items, nhsuk.SelectItem{Value: p.Key, Text: p.Title})
	}
	return items
}

// notKnown is chosen by somebody who does not know their region.
const notKnown = "not-known"

func typedOf(f *form.Rendered) asking.Typed {
	region := f.Value("region")
	if region == notKnown {
		region = ""
	}
	return asking.Typed{
		FirstName: f.Value("first_name"), LastName: f.Value("last_name"), Email: f.Value("email"),
		Phone: f.Value("phone"), Organisation: f.Value("organisation"), Profession: f.Value("profession"),
		Region: region, Reason: f.Value("reason"),
	}
}

var (
	codeForm     = form.Form{Path: "/request-account/code", Fields: codeform.Alone()}
	ownForm      = form.Form{Path: asking.OwnPath + "{id}/{secret}"}
	proveForm    = form.Form{Path: "/my-request/identity", At: MinePath}
	withdrawForm = form.Form{Path: "/my-request/withdraw", At: MinePath}
)

// stateForm says what is true of one's Care Identity, where one cannot log in with it now.
var stateForm = form.Form{Path: "/my-request/without", At: MinePath, Fields: []form.Field{
	form.Radios(nhsuk.RadiosParams{
		Name:     "identity",
		Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "What is true of you?", Size: "s"}},
		Items: []nhsuk.RadioItem{
			{Value: string(asking.NoIdentity), Text: "I do not have a Care Identity"},
			{Value: string(asking.Inactive), Text: "I have a Care Identity that is not active"},
			{Value: string(asking.NotWithMe), Text: "I have one, but cannot log in with it now"},
		},
	}).Required("Choose what is true of your Care Identity"),
}}

// answerForm answers what an administrator asked.
var answerForm = form.Form{Path: "/my-request/answer", At: MinePath, Page: "Your request", Act: "Send my answer",
	Fields: []form.Field{
		form.Textarea(nhsuk.TextareaParams{
			Name: "answer", Rows: 4, Label: nhsuk.LabelParams{Text: "Your answer", Size: "s"},
		}).Required("Enter your answer"),
	}}

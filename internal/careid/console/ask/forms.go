package ask

import (
	"github.com/a-h/templ"

	"signpost/internal/careid/request/asker"
	"signpost/internal/national/path"
	"signpost/internal/platform/mailcode/codeform"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

const (
	codePath  = path.AskRAPage + "/code"
	checkPath = path.AskRAPage + "/check"
	sentPath  = path.AskRAPage + "/sent"
	ownPath   = asker.OwnPath + "{id}/{secret}"
)

// beginForm asks what somebody needs. Another site that leads here may have filled in who they are, behind the # of
// the address, by a script.
var beginForm = form.Form{
	Path: path.AskRAPage, Page: "Ask a registration authority", Act: "Continue",
	Attributes: templ.Attributes{"data-fill": "name email"},
	Fields: []form.Field{
		form.Hidden("organisation"), form.Hidden("name"), form.Hidden("email"), needField(),
	},
}

func needField() form.Field {
	return form.Radios(nhsuk.RadiosParams{
		Name:     "need",
		Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: "What do you need?", Size: "m"}},
		Items:    needItems(),
	}).Required("Select what you need")
}

func needItems() (items []nhsuk.RadioItem) {
	for _, n := range asker.Needs {
		items = append(items, nhsuk.RadioItem{Value: string(n.Kind), Text: n.Title, Hint: n.Hint})
	}
	return items
}

// The forms of the pages, one question each.
var (
	needForm = form.Form{Path: path.AskRAPage + "/need", Page: "Change what you need", Act: "Continue",
		Fields: []form.Field{needField()}}
	aboutForm = form.Form{Path: path.AskRAPage + "/about", Page: "Your name and organisation", Act: "Continue",
		Fields: []form.Field{
			form.Input(nhsuk.InputParams{
				Name: "name", Label: nhsuk.LabelParams{Text: "Your full name", Size: "s"},
				Hint: "As it is in your passport or driving licence", Autocomplete: "name", Spellcheck: "false",
			}).Required("Enter your name"),
			form.Input(nhsuk.InputParams{
				Name:           "organisation",
				Label:          nhsuk.LabelParams{Text: "ODS code of the organisation you work for", Size: "s"},
				Hint:           "3 to 12 letters and digits, such as RXK",
				Autocapitalize: "characters", Autocomplete: "off", Spellcheck: "false", Width: 10,
			}).Required("Enter the ODS code of the organisation you work for"),
		}}
	detailsForm = form.Form{Path: path.AskRAPage + "/details", Page: "What your request is about", Act: "Continue",
		Fields: []form.Field{
			form.Input(nhsuk.InputParams{
				Name: "number", Label: nhsuk.LabelParams{Text: "Your Care Identity number (optional)", Size: "s"},
				Hint:  "12 digits, if you have one. It is also called UUID, and is printed on smartcards.",
				Width: 20, Inputmode: "numeric", Autocomplete: "off", Spellcheck: "false",
			}),
			form.Textarea(nhsuk.TextareaParams{
				Name: "text", Label: nhsuk.LabelParams{Text: "Say in your own words what you need, and why", Size: "s"},
				Hint: "Up to 400 characters, such as: I start on the 111 desk on 4 January. No details of patients, " +
					"and no National Insurance number.", Rows: 4,
			}).Required("Say what you need"),
		}}
	emailForm = form.Form{Path: path.AskRAPage + "/email", Page: "Your work email address", Act: "Send me a code",
		Fields: []form.Field{
			form.Input(nhsuk.InputParams{
				Name: "email", Type: "email", Label: nhsuk.LabelParams{Text: "Email address", Size: "s"},
				Hint:         "Your own, if possible at your organisation. We send a code to it.",
				Autocomplete: "email", Spellcheck: "false",
			}).Required("Enter your email address"),
		}}
	codeForm  = form.Form{Path: codePath, Fields: codeform.Alone()}
	checkForm = form.Form{Path: checkPath, Page: "Check your answers", Act: "Send the request",
		Fields: []form.Field{form.Hidden("shown")}}
)

// The forms on the page of one's own request.
var (
	withdrawForm = form.Form{Path: ownPath + "/withdraw", At: ownPath}
	againForm    = form.Form{Path: ownPath + "/again", At: ownPath, Page: "Your request", Act: "Send it again",
		Fields: []form.Field{
			form.Textarea(nhsuk.TextareaParams{
				Name: "text", Label: nhsuk.LabelParams{Text: "What you need, and why", Size: "s"}, Rows: 4,
				Hint: "Up to 400 characters",
			}).Required("Say what you need"),
		}}
)

package entry

import (
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// chooseName ends the path of the form that chooses an authenticator.
const chooseName = "authenticator"

// chooseForm asks which way to log in the person wants to use. The ways are offered when it is rendered.
func chooseForm(l words.Language) form.Form {
	ways := form.Radios(nhsuk.RadiosParams{Name: "authenticator", Fieldset: question(l.Say("choose.title"))})
	return step.SignInForm(l, chooseName, ways, form.Hidden("all"))
}

// roleForm asks for a role, of those that are offered when it is rendered. Below a search, the page's heading stands
// above the search.
func roleForm(l words.Language, searched bool) form.Form {
	legend := question(l.Say("role.title"))
	if searched {
		legend.Legend = nhsuk.LegendParams{Text: legend.Legend.Text, Classes: "nhsuk-u-visually-hidden"}
	}
	return step.SignInForm(l, "role", form.Radios(nhsuk.RadiosParams{Name: "role", Fieldset: legend}))
}

// findForm searches the roles of somebody who has many.
func findForm(l words.Language) form.Form {
	return form.Form{Path: step.FlowPattern, Get: true, Fields: []form.Field{form.Input(nhsuk.InputParams{
		Name:  "find",
		Label: nhsuk.LabelParams{Text: l.Say("role.find")},
		Hint:  l.Say("role.find_hint"),
		Width: 20,
	})}}
}

// question makes the legend of a page with a single question.
func question(text string) nhsuk.FieldsetParams {
	return nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: text, Size: "l", IsPageHeading: true}}
}

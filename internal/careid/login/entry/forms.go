package entry

import (
	"github.com/a-h/templ"

	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/national/authn"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// chooseName ends the path of the form that chooses an authenticator.
const chooseName = "authenticator"

// chooseForm asks which way to log in the person wants to use. The ways are offered when it is rendered. Where it asks
// for another way than the one that was used last, the page's heading stands above that one.
func chooseForm(l words.Language, another bool) form.Form {
	legend := question(l.Say("choose.title"))
	if another {
		legend.Legend = nhsuk.LegendParams{Text: l.Say("choose.another"), Classes: "nhsuk-u-visually-hidden"}
	}
	ways := form.Radios(nhsuk.RadiosParams{Name: step.KindField, Fieldset: legend})
	return step.SignInForm(l, chooseName, ways, knownField(l, false), form.Hidden("all"))
}

// lastForm chooses the way that was used last on this device, by one button.
func lastForm(l words.Language, last authn.Kind) form.Form {
	button := form.Button(nhsuk.ButtonParams{
		Name: step.KindField, Value: string(last), Text: l.Say("choose.with", "way", l.Label(last)),
	})
	return step.SignInForm(l, chooseName, knownField(l, true), button)
}

// knownField is where browsers let people choose from what they know: authenticators that come up by themselves, and
// the email address that the pages of other authenticators ask for.
func knownField(l words.Language, focused bool) form.Field {
	p := nhsuk.InputParams{
		Name:         "email",
		Type:         "email",
		Label:        nhsuk.LabelParams{Text: l.Say("choose.email")},
		Hint:         l.Say("choose.email_hint"),
		Autocomplete: "username webauthn",
		Spellcheck:   "false",
	}
	if focused {
		p.Attributes = templ.Attributes{"autofocus": true}
	}
	return form.Input(p)
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

package approvals

import (
	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/organisation"
	"signpost/internal/national/authn"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

const pagePath = frame.PeoplePath + "/organisations/{code}/authenticators"

// chooseForm asks what is to be approved. It leads to the page that says whom that would touch.
var chooseForm = form.Form{Path: pagePath + "/change", At: pagePath, Get: true, Fields: append(policyFields(),
	form.Hidden("before"))}

// setForm sets what was looked at.
var setForm = form.Form{Path: pagePath + "/change", Page: "Approved authenticators", Act: "Save", Fields: []form.Field{
	form.Hidden("kinds"), form.Hidden("rule"), form.Hidden("model"), form.Hidden("models"), form.Hidden("before"),
	form.Input(nhsuk.InputParams{
		Name: "why", Label: nhsuk.LabelParams{Text: "Why?", Size: "s"},
		Hint: "Such as: we buy one model of key only. It is kept with your name.", Autocomplete: "off",
	}).Required("Enter why"),
	form.Checkboxes(nhsuk.CheckboxesParams{Name: "stranded"}),
}}

// policyFields ask for a policy.
func policyFields() []form.Field {
	return []form.Field{
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "kinds", Items: kindItems(), Fieldset: nhsuk.FieldsetParams{
			Legend: nhsuk.LegendParams{Text: "Which kinds of authenticator are approved here?", Size: "m"}}}).
			Required("Select at least one kind"),
		form.Radios(nhsuk.RadiosParams{Name: "rule", Items: ruleItems(), Fieldset: nhsuk.FieldsetParams{
			Legend: nhsuk.LegendParams{Text: "Which models of them?", Size: "m"}}}).
			Required("Select which models are approved"),
		form.Checkboxes(nhsuk.CheckboxesParams{Name: "model", Fieldset: nhsuk.FieldsetParams{
			Legend: nhsuk.LegendParams{Text: "Models", Size: "s"}}}),
		form.Textarea(nhsuk.TextareaParams{Name: "models", Rows: 3,
			Label: nhsuk.LabelParams{Text: "Other models, by AAGUID (optional)", Size: "s"},
			Hint: "The maker publishes this number of a model, such as 2fc0579f-8113-47ea-b116-bb5a8db9202a. " +
				"One a line.",
		}),
	}
}

func kindItems() (items []nhsuk.CheckboxItem) {
	for _, kind := range authn.Kinds() {
		d := kind.Declared()
		hint := "Up to " + d.MaxLevel.String()
		if d.Shared {
			hint += ". Suits computers that several people share"
		}
		items = append(items, nhsuk.CheckboxItem{Value: string(kind), Text: d.Label, Hint: hint})
	}
	return items
}

// anyModel stands in the form for the rule that lists none.
const anyModel = "any"

func ruleItems() []nhsuk.RadioItem {
	return []nhsuk.RadioItem{
		{Value: anyModel, Text: "Every model"},
		{Value: string(organisation.OnlyModels), Text: "Only the models listed below",
			Hint: "For " + attestedKinds() + ": its model has to be proved. Other kinds are not limited by this."},
		{Value: string(organisation.ExceptModels), Text: "Every model but those listed below"},
	}
}

// policyIn reads the policy that was filled in.
func policyIn(f *form.Rendered) (p organisation.Policy) {
	for _, kind := range f.Values("kinds") {
		p.Kinds = append(p.Kinds, authn.Kind(kind))
	}
	if rule := f.Value("rule"); rule != anyModel {
		p.Rule = organisation.ModelRule(rule)
	}
	p.Models = append(p.Models, f.Values("model")...)
	p.Models = append(p.Models, f.Value("models"))
	return p
}

// fill fills a policy into the form.
func fill(f *form.Rendered, p organisation.Policy) {
	var kinds []string
	for _, kind := range p.Kinds {
		kinds = append(kinds, string(kind))
	}
	rule := string(p.Rule)
	if p.Rule == organisation.AnyModel {
		rule = anyModel
	}
	f.Set("kinds", kinds...).Set("rule", rule).Set("model", p.Models...)
}

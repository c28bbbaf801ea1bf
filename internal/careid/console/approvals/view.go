package approvals

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"signpost/internal/careid/organisation"
	"signpost/internal/careid/registration"
	"signpost/internal/national/authn"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// policyView is the page of what an organisation has approved.
type policyView struct {
	Page    page.Params
	Form    *form.Rendered
	At      string
	Now     []decisionView // the newest first
	Manager bool
	Known   string            // how old what is known of models is
	Models  []nhsuk.RadioItem // to tick
	Again   int               // the number of the earlier decision that is filled in; 0 for none
}

// decisionView is a decision in words.
type decisionView struct {
	organisation.Decision
	Kinds, Models, By, Since string
}

// fields lists the fields of the form: that of models only where there are any to tick.
func (v policyView) fields() []string {
	names := chooseForm.Names()
	if len(v.Models) == 0 {
		names = slices.DeleteFunc(names, func(name string) bool { return name == "model" })
	}
	return names
}

// rows shows the decision in force.
func (v policyView) rows() []nhsuk.SummaryListRow {
	if len(v.Now) == 0 {
		return []nhsuk.SummaryListRow{{Key: "Approved", Value: "Every kind and model: nobody has decided yet"}}
	}
	now := v.Now[0]
	rows := []nhsuk.SummaryListRow{{Key: "Kinds", Value: now.Kinds}, {Key: "Models", Value: now.Models}}
	rows = append(rows, nhsuk.SummaryListRow{Key: "Decided by", Value: now.By})
	if now.Since != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Since", Value: now.Since})
	}
	if now.Reason != "" {
		rows = append(rows, nhsuk.SummaryListRow{Key: "Why", Value: now.Reason})
	}
	return rows
}

// effectView is the page that says whom a policy would touch.
type effectView struct {
	Page          page.Params
	Form          *form.Rendered
	At            string
	Kinds, Models string
	Rows          [][]nhsuk.TableCell

	effect registration.Effect
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}

// losing says how many people would lose an authenticator.
func (v effectView) losing() string {
	n := len(v.effect.Losing)
	if n == 0 {
		return "Nobody would lose an authenticator."
	}
	return people(n) + " could not use an authenticator any more that they can use now."
}

// stranded says how many would be left without any; empty where nobody is.
func (v effectView) stranded() string {
	if v.effect.Stranded == 0 {
		return ""
	}
	return people(v.effect.Stranded) + " would be left without an approved authenticator, and could not log in to " +
		"any service. Add another authenticator for them first."
}

func (v effectView) strandedText() string {
	return "Save it although " + people(v.effect.Stranded) + " could not log in any more"
}

// gaining says how many could use an authenticator again; empty where nobody can.
func (v effectView) gaining() string {
	if v.effect.Gaining == 0 {
		return ""
	}
	return people(v.effect.Gaining) + " could use an authenticator again that they cannot use now."
}

// shown says that not all are listed; empty where all are.
func (v effectView) shown() string {
	if len(v.Rows) == len(v.effect.Losing) {
		return ""
	}
	return fmt.Sprintf("The first %d of them are listed, those who are left with the least first.", len(v.Rows))
}

// losingRow is somebody who would lose what they have.
func losingRow(one registration.Losing, lost []string) []nhsuk.TableCell {
	left := fmt.Sprintf("%d", one.Left)
	if one.Left == 0 {
		left = "None: locked out"
	}
	return nhsuk.Cells(one.Person.DisplayName(), one.Person.UUID, strings.Join(lost, ", "), left)
}

// kindsText lists kinds by what people call them.
func kindsText(kinds []authn.Kind) string {
	if len(kinds) == 0 {
		return "Every kind"
	}
	var labels []string
	for _, known := range authn.Kinds() {
		for _, kind := range kinds {
			if kind == known {
				labels = append(labels, kind.Label())
			}
		}
	}
	return strings.Join(labels, ", ")
}

// attestedKinds names in a sentence the kinds whose models can be proved.
func attestedKinds() string {
	var phrases []string
	for _, kind := range authn.Kinds() {
		if kind.ModelAttested() {
			phrases = append(phrases, kind.Declared().Phrase)
		}
	}
	return strings.Join(phrases, " or ")
}

// modelsText says which models a policy takes, by their names.
func modelsText(p organisation.Policy, names map[string]string) string {
	var list []string
	for _, aaguid := range p.Models {
		list = append(list, names[aaguid])
	}
	switch p.Rule {
	case organisation.OnlyModels:
		return "Only " + strings.Join(list, ", ") + ", for " + attestedKinds()
	case organisation.ExceptModels:
		return "Every model but " + strings.Join(list, ", ")
	}
	return "Every model"
}

func compareNames(names map[string]string, a, b string) int {
	return cmp.Or(cmp.Compare(strings.ToLower(names[a]), strings.ToLower(names[b])), cmp.Compare(a, b))
}

package entry

import (
	"strings"

	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/national/authn"
	"signpost/internal/platform/web/nhsuk"
)

// question is the legend of a page that asks one thing.
func question(text string) nhsuk.FieldsetParams {
	return nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: text, Size: "l", IsPageHeading: true}}
}

// choice is the ways to sign in that are shown.
type choice struct {
	kinds  []authn.Kind
	last   authn.Kind // the one used last on this device
	hidden bool       // some were left out
	all    bool       // all were asked for
}

type chooseView struct {
	step.View
	Radios nhsuk.RadiosParams
	Hidden bool
	All    bool
	// Stronger says to whoever is signed in already why they are asked again, and with what; else empty.
	Stronger string
}

func (p *Pages) chooseView(l words.Language, f provider.Flow, c choice, problems []frame.FieldError) chooseView {
	title := l.Say("choose.title")
	v := chooseView{View: p.View(l, f, title, problems), Hidden: c.hidden, All: c.all}
	if f.State.StepsUp() {
		v.Stronger = l.Say("choose.stronger", "service", v.Service) + " " + stronger(l, f.State.Stronger)
	}
	v.Radios = nhsuk.RadiosParams{
		Name: "authenticator", Fieldset: question(title),
		ErrorMessage: frame.Of(problems, "authenticator"), ErrorPrefix: l.Say("frame.error"),
	}
	for _, k := range c.kinds {
		item := nhsuk.RadioItem{Value: string(k), Text: l.Label(k), Hint: l.Hint(k)}
		if k == c.last {
			item.Hint = l.Say("choose.used_last", "hint", item.Hint)
			item.Checked = true
		}
		v.Radios.Items = append(v.Radios.Items, item)
	}
	for i, a := range p.Another {
		if i == 0 {
			v.Radios.Items = append(v.Radios.Items, nhsuk.RadioItem{Divider: l.Say("persona.or")})
		}
		v.Radios.Items = append(v.Radios.Items, nhsuk.RadioItem{Value: a.Value, Text: l.Say(a.Label)})
	}
	return v
}

// stronger says which of the person's authenticators would do.
func stronger(l words.Language, ways []authn.Kind) string {
	if len(ways) == 0 {
		return l.Say("choose.stronger_none")
	}
	return l.Say("choose.stronger_have", "ways", l.Labels(ways))
}

type roleView struct {
	step.View
	Search bool // there are too many to look through
	Find   string
	None   bool // nothing was found
	Radios nhsuk.RadiosParams
}

const manyRoles = 5 // more than this get a search box (reference §7)

func (p *Pages) roleView(l words.Language, f provider.Flow, find string, problems []frame.FieldError) roleView {
	title := l.Say("role.title")
	v := roleView{View: p.View(l, f, title, problems), Search: len(f.State.Roles) > manyRoles, Find: find}
	legend := question(title)
	if v.Search { // the heading stands above the search
		legend = nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: title, Classes: "nhsuk-u-visually-hidden"}}
	}
	v.Radios = nhsuk.RadiosParams{
		Name: "role", Fieldset: legend,
		ErrorMessage: frame.Of(problems, "role"), ErrorPrefix: l.Say("frame.error"),
	}
	for _, role := range f.State.Roles {
		if matches(role, find) {
			where := role.Organisation + " (" + role.OrgCode + ")"
			v.Radios.Items = append(v.Radios.Items, nhsuk.RadioItem{Value: role.ID, Text: role.Name, Hint: where})
		}
	}
	v.None = len(v.Radios.Items) == 0
	return v
}

func matches(role claim.Role, find string) bool {
	all := strings.ToLower(role.Name + " " + role.Organisation + " " + role.OrgCode)
	for word := range strings.FieldsSeq(strings.ToLower(find)) {
		if !strings.Contains(all, word) {
			return false
		}
	}
	return true
}

type refusalView struct {
	step.View
	Text      words.Text
	Cure      string // what to do: by name, where the person has an authenticator that would do
	Helps     bool   // a registration authority may help
	RA        string // which, and how it is reached; empty where nobody has proved who they are
	FindRA    string
	Same      string // kind to try once more; empty where that makes no sense
	Again     bool   // another try may go better, with whatever
	Noted     bool   // there is an event, which the service desk finds by the reference
	Reference string
}

func (p *Pages) refusalView(l words.Language, f provider.Flow, ra organisation.Organisation) refusalView {
	why := f.State.Why()
	v := refusalView{
		Text: l.Refusal(why), FindRA: p.Frame.FindRA, Reference: f.State.Reference, Again: why == provider.Inactive,
	}
	v.View = p.View(l, f, v.Text.Title, nil)
	v.Changes = v.Changes && why != provider.NoAuthenticator && why != provider.Inactive
	v.Cure = v.Text.Cure
	if len(f.State.Suitable) > 0 {
		v.Cure = l.Say("ask.suitable", "ways", l.Labels(f.State.Suitable))
	}
	v.Noted = why != provider.NoAuthenticator
	v.Helps = why != provider.NoAuthenticator && why != provider.WrongPerson
	if ra.Contact != "" {
		v.RA = l.Say("ask.ra", "organisation", ra.Name, "contact", ra.Contact)
	}
	switch why {
	case provider.Cancelled, provider.UnknownKey, provider.NoScript, provider.Unsupported:
		v.Same = string(f.State.Chosen)
	case provider.LevelTooLow, provider.NotApproved, provider.WrongPerson, provider.Locked, provider.Unusable:
		v.Again = !v.Changes
	}
	return v
}

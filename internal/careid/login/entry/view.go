package entry

import (
	"net/http"
	"strings"

	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/national/authn"
	"signpost/internal/platform/web/form"
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
	Hidden bool
	All    bool
	// Stronger says to whoever is signed in already why they are asked again, and with what; else empty.
	Stronger string
}

func (p *Pages) chooseView(r *http.Request, f provider.Flow, c choice, problem error) chooseView {
	l := p.Frame.Language(r)
	title := l.Say("choose.title")
	shown := p.Form(r, "authenticator", problem, p.waysField(l, title, c), form.Hidden("all"))
	shown.Set("all", "1")
	v := chooseView{View: p.View(r, f, title, shown), Hidden: c.hidden, All: c.all}
	if f.State.StepsUp() {
		v.Stronger = l.Say("choose.stronger", "service", v.Service) + " " + stronger(l, f.State.Stronger)
	}
	return v
}

// waysField asks which of the ways to use.
func (p *Pages) waysField(l words.Language, title string, c choice) form.Field {
	radios := nhsuk.RadiosParams{Name: "authenticator", Fieldset: question(title)}
	for _, k := range c.kinds {
		item := nhsuk.RadioItem{Value: string(k), Text: l.Label(k), Hint: l.Hint(k)}
		if k == c.last {
			item.Hint = l.Say("choose.used_last", "hint", item.Hint)
			item.Checked = true
		}
		radios.Items = append(radios.Items, item)
	}
	for i, a := range p.Another {
		if i == 0 {
			radios.Items = append(radios.Items, nhsuk.RadioItem{Divider: l.Say("persona.or")})
		}
		radios.Items = append(radios.Items, nhsuk.RadioItem{Value: a.Value, Text: l.Say(a.Label)})
	}
	return form.Radios(radios)
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
	Find *form.Rendered // searches the roles; none where they are few
	None bool           // nothing was found
}

const manyRoles = 5 // more than this get a search box (reference §7)

func (p *Pages) roleView(r *http.Request, f provider.Flow, problem error) roleView {
	l := p.Frame.Language(r)
	title := l.Say("role.title")
	legend := question(title)
	find := findForm(l).Read(r)
	if len(f.State.Roles) <= manyRoles {
		find = nil
	} else { // the heading stands above the search
		legend = nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: title, Classes: "nhsuk-u-visually-hidden"}}
	}
	radios := nhsuk.RadiosParams{Name: "role", Fieldset: legend}
	for _, role := range f.State.Roles {
		if matches(role, r.FormValue("find")) {
			where := role.Organisation + " (" + role.OrgCode + ")"
			radios.Items = append(radios.Items, nhsuk.RadioItem{Value: role.ID, Text: role.Name, Hint: where})
		}
	}
	shown := p.Form(r, "role", problem, form.Radios(radios))
	return roleView{View: p.View(r, f, title, shown), Find: find, None: len(radios.Items) == 0}
}

// findForm searches the roles of somebody who has many.
func findForm(l words.Language) form.Form {
	return form.Form{Path: step.FlowPattern, Get: true, Fields: []form.Field{form.Input(nhsuk.InputParams{
		Name: "find", Label: nhsuk.LabelParams{Text: l.Say("role.find")}, Hint: l.Say("role.find_hint"), Width: 20,
	})}}
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
	Same      *form.Rendered // tries the same kind once more; none where that makes no sense
	TryAgain  bool           // another try may go better, with whatever
	Noted     bool           // there is an event, which the service desk finds by the reference
	Reference string
}

func (p *Pages) refusalView(r *http.Request, f provider.Flow, ra organisation.Organisation) refusalView {
	l := p.Frame.Language(r)
	why := f.State.Why()
	v := refusalView{
		Text: l.Refusal(why), FindRA: p.Frame.FindRA, Reference: f.State.Reference, TryAgain: why == provider.Inactive,
	}
	v.View = p.View(r, f, v.Text.Title, nil)
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
		v.Same = p.sameForm(r, f.State.Chosen)
	case provider.LevelTooLow, provider.NotApproved, provider.WrongPerson, provider.Locked, provider.Unusable:
		v.TryAgain = !v.Changes
	}
	return v
}

// sameForm tries a kind once more, if one was chosen.
func (p *Pages) sameForm(r *http.Request, chosen authn.Kind) *form.Rendered {
	if chosen == "" {
		return nil
	}
	return p.Form(r, "authenticator", nil, form.Hidden("authenticator")).Set("authenticator", string(chosen))
}

package entry

import (
	"slices"
	"strings"

	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/claim"
	"signpost/internal/national/authn"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// common is what all pages of a sign-in have.
type common struct {
	words.Language
	Page    page.Params
	Service string // whom the person signs in to
	Here    string // where this sign-in is
	Errors  []frame.FieldError
	Changes bool // a way back to the choice of authenticator makes sense
}

func (p *Pages) common(l words.Language, f provider.Flow, title string, wrong []frame.FieldError) common {
	return common{
		Language: l, Page: p.Frame.Form(l, title, wrong), Service: f.State.Request.ClientName, Here: here(f), Errors: wrong,
		Changes: len(p.offered(f))+len(p.Another) > 1,
	}
}

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
	common
	Radios nhsuk.RadiosParams
	Hidden bool
	All    bool
	// Stronger says to whoever is signed in already why they are asked again, and with what; else empty.
	Stronger string
}

func (p *Pages) chooseView(l words.Language, f provider.Flow, c choice, wrong []frame.FieldError) chooseView {
	title := l.Say("choose.title")
	v := chooseView{common: p.common(l, f, title, wrong), Hidden: c.hidden, All: c.all}
	if f.State.StepsUp() {
		v.Stronger = l.Say("choose.stronger", "service", v.Service) + " " + stronger(l, f.State.Stronger)
	}
	v.Radios = nhsuk.RadiosParams{Name: "authenticator", Fieldset: question(title), ErrorMessage: frame.Of(wrong, "authenticator"), ErrorPrefix: l.Say("frame.error")}
	for _, k := range c.kinds {
		item := nhsuk.RadioItem{Value: string(k), Text: l.Label(k), Hint: l.Hint(k)}
		if k == c.last {
			item.Hint, item.Checked = l.Say("choose.used_last", "hint", item.Hint), true
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

type keyView struct {
	common
	Text     words.Text
	NoScript string // what to do without JavaScript
}

func (p *Pages) keyView(l words.Language, f provider.Flow, wrong []frame.FieldError) keyView {
	text := l.HowTo(f.State.Chosen)
	v := keyView{common: p.common(l, f, text.Title, wrong), Text: text, NoScript: l.Say("key.no_script_alone")}
	if ways := withoutScript(p.offered(f)); len(ways) > 0 {
		v.NoScript = l.Say("key.no_script_ways", "ways", l.Labels(ways))
	}
	return v
}

// withoutScript are the kinds that can be proved without JavaScript.
func withoutScript(kinds []authn.Kind) []authn.Kind {
	return slices.DeleteFunc(slices.Clone(kinds), func(k authn.Kind) bool { return k.Needs(authn.Script) })
}

type passwordView struct {
	common
	Email string
}

func (p *Pages) passwordView(l words.Language, f provider.Flow, email string, wrong []frame.FieldError) passwordView {
	return passwordView{common: p.common(l, f, l.Say("password.title"), wrong), Email: email}
}

type codeView struct{ common }

func (p *Pages) codeView(l words.Language, f provider.Flow, wrong []frame.FieldError) codeView {
	return codeView{common: p.common(l, f, l.Say("code.title"), wrong)}
}

type roleView struct {
	common
	Search bool // there are too many to look through
	Find   string
	None   bool // nothing was found
	Radios nhsuk.RadiosParams
}

const manyRoles = 5 // more than this get a search box (reference §7)

func (p *Pages) roleView(l words.Language, f provider.Flow, find string, wrong []frame.FieldError) roleView {
	title := l.Say("role.title")
	v := roleView{common: p.common(l, f, title, wrong), Search: len(f.State.Roles) > manyRoles, Find: find}
	legend := question(title)
	if v.Search { // the heading stands above the search
		legend = nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: title, Classes: "nhsuk-u-visually-hidden"}}
	}
	v.Radios = nhsuk.RadiosParams{Name: "role", Fieldset: legend, ErrorMessage: frame.Of(wrong, "role"), ErrorPrefix: l.Say("frame.error")}
	for _, role := range f.State.Roles {
		if matches(role, find) {
			v.Radios.Items = append(v.Radios.Items, nhsuk.RadioItem{Value: role.ID, Text: role.Name, Hint: role.Organisation + " (" + role.OrgCode + ")"})
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
	common
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
	v := refusalView{Text: l.Refusal(why), FindRA: p.Frame.FindRA, Reference: f.State.Reference, Again: why == provider.Inactive}
	v.common = p.common(l, f, v.Text.Title, nil)
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

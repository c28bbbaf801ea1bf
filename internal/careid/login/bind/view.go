package bind

import (
	"net/http"
	"slices"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/national/authn"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// plainView is a page without a form.
type plainView struct {
	words.Language
	Page page.Params
}

func (p *Pages) plain(r *http.Request, title words.Key) plainView {
	l := p.Frame.Language(r)
	return plainView{Language: l, Page: p.Frame.Page(l, l.Say(title))}
}

// addedView is the page after an authenticator was added.
type addedView struct {
	plainView
	Lower string // why its level is lower than its kind can have; empty if it is not
}

type openView struct {
	words.Language
	Page page.Params
	Form *form.Rendered
	One  string // says which kind is added, if there is only one; else empty
}

// openForm asks for the address to which the code is mailed, and for the kind to add if there is a choice.
func (p *Pages) openForm(l words.Language, kinds []authn.Kind) form.Form {
	f := form.Form{Path: openPath, Words: frame.FormWords(l)}
	if len(kinds) > 1 {
		f.Fields = append(f.Fields, p.kindField(l, kinds))
	}
	f.Fields = append(f.Fields, form.Input(nhsuk.InputParams{
		Name:         "email",
		Type:         "email",
		Label:        nhsuk.LabelParams{Text: l.Say("bind.email"), Size: "m"},
		Hint:         l.Say("bind.email_hint"),
		Autocomplete: "email",
		Spellcheck:   "false",
	}))
	return f
}

func (p *Pages) kindField(l words.Language, kinds []authn.Kind) form.Field {
	radios := nhsuk.RadiosParams{
		Name:     "authenticator",
		Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: l.Say("bind.which"), Size: "m"}},
	}
	for _, k := range kinds {
		if slices.Contains(p.Ways.Kinds(), k) {
			radios.Items = append(radios.Items, nhsuk.RadioItem{Value: string(k), Text: l.Label(k), Hint: l.Hint(k)})
		}
	}
	return form.Radios(radios)
}

func (p *Pages) openView(r *http.Request, i authenticator.Invitation, shown *form.Rendered) openView {
	l := p.Frame.Language(r)
	v := openView{Language: l, Page: p.Frame.Form(l, l.Say("bind.title"), shown), Form: shown}
	if len(i.Kinds) == 1 {
		v.One = l.Say("bind.one", "kind", l.Label(i.Kinds[0]))
	}
	return v
}

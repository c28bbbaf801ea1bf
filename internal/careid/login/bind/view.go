package bind

import (
	"net/http"
	"slices"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/platform/web/nhsuk"
	"signpost/internal/platform/web/page"
)

// plainView is a page that only says something.
type plainView struct {
	words.Language
	Page page.Params
}

func (p *Pages) plain(r *http.Request, title words.Key) plainView {
	l := p.Frame.Language(r)
	return plainView{Language: l, Page: p.Frame.Page(l, l.Say(title))}
}

type openView struct {
	words.Language
	Page   page.Params
	Here   string
	Errors []frame.FieldError
	One    string // the only kind there is to add; empty if there is a choice
	Radios nhsuk.RadiosParams
	Email  string
}

func (p *Pages) openView(r *http.Request, i authenticator.Invitation, problems []frame.FieldError) openView {
	l := p.Frame.Language(r)
	v := openView{
		Language: l, Page: p.Frame.Form(l, l.Say("bind.title"), problems), Errors: problems,
		Here: authenticator.BindPath + r.PathValue("token"), Email: r.PostFormValue("email"),
	}
	v.Radios = nhsuk.RadiosParams{
		Name: "authenticator", Value: r.PostFormValue("authenticator"),
		ErrorMessage: frame.Of(problems, "authenticator"), ErrorPrefix: l.Say("frame.error"),
		Fieldset: nhsuk.FieldsetParams{Legend: nhsuk.LegendParams{Text: l.Say("bind.which"), Size: "m"}},
	}
	for _, k := range i.Kinds {
		if slices.Contains(p.Ways.Kinds(), k) {
			item := nhsuk.RadioItem{Value: string(k), Text: l.Label(k), Hint: l.Hint(k)}
			v.Radios.Items = append(v.Radios.Items, item)
		}
	}
	if len(i.Kinds) == 1 {
		v.One = l.Say("bind.one", "kind", l.Label(i.Kinds[0]))
	}
	return v
}

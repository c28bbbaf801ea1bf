package step

import (
	"net/http"

	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/national/path"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

// View holds what all pages of a sign-in show.
type View struct {
	words.Language
	Page    page.Params
	Service string         // to which the person signs in
	Owner   string         // the approved organisation that runs it; empty for this system's own sites and on trial
	OnTrial bool           // only the service's own team may sign in
	Afresh  bool           // they are signed in, and the service asks them to prove it again
	Path    string         // of this sign-in's pages
	Form    *form.Rendered // of the page; none on a page that asks nothing
	Again   *form.Rendered // leads back to the choice of authenticator
	Leave   *form.Rendered // leads back to the service
	Help    page.Link      // for the kind of authenticator that is asked for; empty where none is

	CanChange bool // there is another authenticator to choose
}

// View begins a page of a sign-in.
func (s *SignIn) View(r *http.Request, f provider.Flow, title string, shown *form.Rendered) View {
	l := s.Frame.Language(r)
	if shown != nil {
		shown.For.Turn = f.State.Answers.Turn()
	}
	v := View{
		Language:  l,
		Page:      s.Frame.Form(l, title, shown),
		Service:   f.State.Request.ClientName,
		Path:      PathOf(f),
		Form:      shown,
		Again:     s.Button(r, "again"),
		Leave:     s.Button(r, "leave"),
		CanChange: len(f.Offered())+len(s.ExtraChoices) > 1,
		OnTrial:   f.State.Request.OnTrial,
		Afresh:    f.State.Afresh && f.State.Proven == nil,
	}
	if !v.OnTrial {
		v.Owner = f.State.Request.Owner
	}
	if k := f.Kind(); k != "" {
		v.Help = helpFor(l, k)
	}
	return v
}

// helpFor leads to the page that says how a kind of authenticator is used.
func helpFor(l words.Language, k authn.Kind) page.Link {
	return page.Link{Text: l.Say("help.kind", "kind", l.Label(k)), Href: path.HelpPage + "/" + string(k)}
}

// BindingView holds what all pages of a binding show.
type BindingView struct {
	words.Language
	Page page.Params
	Path string // of this binding's pages
	Form *form.Rendered
	Help page.Link // for the kind of authenticator that is added
}

// View begins a page of a binding.
func (b *Binding) View(r *http.Request, f BindingFlow, title string, shown *form.Rendered) BindingView {
	l := b.Frame.Language(r)
	shown.For.Turn = f.State.Answers.Turn()
	return BindingView{
		Language: l, Page: b.Frame.Form(l, title, shown), Path: bindingPath + f.ID, Form: shown,
		Help: helpFor(l, f.State.Kind),
	}
}

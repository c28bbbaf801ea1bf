package step

import (
	"net/http"

	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

// View is what all pages of a sign-in show.
type View struct {
	words.Language
	Page    page.Params
	Service string         // whom the person signs in to
	Here    string         // where this sign-in is
	Form    *form.Rendered // of the page; none on a page that asks nothing
	Again   *form.Rendered // leads back to the choice of authenticator
	Leave   *form.Rendered // leads back to the service
	Changes bool           // a way back to the choice of authenticator makes sense
}

// View begins a page of a sign-in.
func (s *SignIn) View(r *http.Request, f provider.Flow, title string, shown *form.Rendered) View {
	l := s.Frame.Language(r)
	return View{
		Language: l, Page: s.Frame.Form(l, title, shown), Form: shown,
		Again: s.Form(r, "again", nil), Leave: s.Form(r, "leave", nil),
		Service: f.State.Request.ClientName, Here: Here(f),
		Changes: len(f.Offered())+len(s.Another) > 1,
	}
}

// BindingView is what the pages on which an authenticator is bound show.
type BindingView struct {
	words.Language
	Page page.Params
	Here string // where this binding is
	Form *form.Rendered
}

// View begins a page of a binding.
func (b *Binding) View(r *http.Request, f BindingFlow, title string, shown *form.Rendered) BindingView {
	l := b.Frame.Language(r)
	return BindingView{Language: l, Page: b.Frame.Form(l, title, shown), Here: bindingPath + f.ID, Form: shown}
}

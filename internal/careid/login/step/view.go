package step

import (
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/web/page"
)

// View is what all pages of a sign-in show.
type View struct {
	words.Language
	Page    page.Params
	Service string // whom the person signs in to
	Here    string // where this sign-in is
	Errors  []frame.FieldError
	Changes bool // a way back to the choice of authenticator makes sense
}

// View begins a page of a sign-in, which came back if there are problems.
func (s *SignIn) View(l words.Language, f provider.Flow, title string, problems []frame.FieldError) View {
	return View{
		Language: l, Page: s.Frame.Form(l, title, problems), Errors: problems,
		Service: f.State.Request.ClientName, Here: Here(f),
		Changes: len(f.Offered())+len(s.Another) > 1,
	}
}

// BindingView is what the pages on which an authenticator is bound show.
type BindingView struct {
	words.Language
	Page   page.Params
	Here   string // where this binding is
	Errors []frame.FieldError
}

// View begins a page of a binding, which came back if there are problems.
func (b *Binding) View(l words.Language, f BindingFlow, title string, problems []frame.FieldError) BindingView {
	return BindingView{Language: l, Page: b.Frame.Form(l, title, problems), Here: bindingPath + f.ID, Errors: problems}
}

package portal

import (
	"net/http"

	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

type authorView struct {
	Page     page.Params
	Now      string // the user who is logged in now
	Author   string // the user who filled the form in; empty if nobody was logged in
	About    string // whom or what the form concerns; empty if its page did not say
	FormHeld bool   // what was typed is held for its author
	SignOut  *form.Rendered
}

// AnotherAuthor answers a form that was rendered for somebody other than the user who is logged in now: it changes
// nothing, and what was typed is held for its author. If nobody is logged in now, the browser goes to the start page.
func (p *Portal[S, P]) AnotherAuthor(w http.ResponseWriter, r *http.Request, author web.Author) error {
	if currentOf[S, P](r) == nil {
		return p.interrupt(w, r)
	}
	held, err := p.Held.Hold(w, r)
	if err != nil {
		return err
	}
	v := authorView{Now: web.Actor(r).Name, FormHeld: held, About: author.About}
	v.SignOut = signOutForm.New(r)
	if p.hasHint(r) {
		v.SignOut.Set(scopeField, everything)
	}
	if author.ID != "" {
		v.Author = author.Name
	}
	v.Page = p.Frame(w, r, "You are logged in as "+v.Now)
	return web.Show(w, r, http.StatusConflict, authorPage(v))
}

package portal

import (
	"net/http"

	"signpost/internal/platform/held"
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

// authorPath is the page that says whose form somebody else sent, once.
const (
	authorPath = "/another-person"
	authorNote = "author"
)

// anothersForm holds what that page is about.
type anothersForm struct {
	Author   string `json:"author"` // empty if nobody was logged in
	About    string `json:"about"`
	FormHeld bool   `json:"formHeld"`
}

// AnotherAuthor answers a form that was rendered for somebody other than the user who is logged in now: it changes
// nothing, what was typed is held for its author, and a page says so, which can be loaded again without sending the
// form once more. If nobody is logged in now, the browser goes to the start page.
func (p *Portal[S, P]) AnotherAuthor(w http.ResponseWriter, r *http.Request, author web.Author) error {
	if currentOf[S, P](r) == nil {
		return p.interrupt(w, r)
	}
	formHeld, err := p.Held.Hold(w, r, held.AnotherPerson)
	if err != nil {
		return err
	}
	sent := anothersForm{About: author.About, FormHeld: formHeld}
	if author.ID != "" {
		sent.Author = author.Name
	}
	if err := web.LeaveNote(w, r, authorNote, sent); err != nil {
		return err
	}
	return web.Redirect{To: authorPath}
}

// anotherAuthor shows the page about a form of somebody else that was just sent. Whoever else comes, or comes again,
// goes to the start page.
func (p *Portal[S, P]) anotherAuthor(w http.ResponseWriter, r *http.Request) error {
	var sent anothersForm
	if !web.TakeNote(w, r, authorNote, &sent) {
		return web.Redirect{To: "/"}
	}
	v := authorView{Now: web.Actor(r).Name, Author: sent.Author, FormHeld: sent.FormHeld, About: sent.About}
	v.SignOut = signOutForm.New(r)
	if p.hasHint(r) {
		v.SignOut.Set(scopeField, everything)
	}
	v.Page = p.Frame(w, r, "You are logged in as "+v.Now)
	return web.Show(w, r, http.StatusConflict, authorPage(v))
}

package mine

import (
	"net/http"

	"signpost/internal/careid/login/words"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

type authorView struct {
	words.Language
	Page    page.Params
	Now     string // the person who is logged in now
	Author  string // the person for whom the form was rendered; empty if nobody was logged in
	SignOut *form.Rendered
}

// authorPath is the page that says whose form somebody else sent, once.
const (
	authorPath = "/another-person"
	authorNote = "author"
)

// AnotherAuthor answers a form that was rendered for somebody other than the person who is logged in now. It changes
// nothing, and a page says so, which can be loaded again without sending the form once more.
func (p *Pages) AnotherAuthor(w http.ResponseWriter, r *http.Request, author web.Author) error {
	now := web.Actor(r)
	switch path := r.URL.EscapedPath(); {
	case now.ID == "" && (signOutForm.Sent(path) || ownSignOutForm.Sent(path)):
		return web.SeeOnce(w, r, signedOutPath) // an earlier click logged them out
	case now.ID == "":
		return web.ErrAnotherAuthor
	}
	if author.ID == "" {
		author.Name = ""
	}
	if err := web.LeaveNote(w, r, authorNote, author.Name); err != nil {
		return err
	}
	return web.Redirect{To: authorPath}
}

// anotherAuthor shows the page about a form of somebody else that was just sent.
func (p *Pages) anotherAuthor(w http.ResponseWriter, r *http.Request) error {
	now := web.Actor(r)
	var author string
	if !web.TakeNote(w, r, authorNote, &author) {
		return web.Redirect{To: "/"}
	}
	l := p.Frame.Language(r)
	v := authorView{
		Language: l,
		Page:     p.Frame.Page(l, l.Say("author.title", "name", now.Name)),
		Now:      now.Name,
		Author:   author,
		SignOut:  ownSignOutForm.New(r),
	}
	return web.Show(w, r, http.StatusConflict, authorPage(v))
}

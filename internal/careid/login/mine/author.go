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

// AnotherAuthor answers a form that was rendered for somebody other than the person who is logged in now. It changes
// nothing.
func (p *Pages) AnotherAuthor(w http.ResponseWriter, r *http.Request, author web.Author) error {
	now := web.Actor(r)
	switch path := r.URL.EscapedPath(); {
	case now.ID == "" && (signOutForm.Sent(path) || ownSignOutForm.Sent(path)):
		return web.SeeOnce(w, r, "/signed-out") // an earlier click logged them out
	case now.ID == "":
		return web.ErrAnotherAuthor
	}
	l := p.Frame.Language(r)
	v := authorView{
		Language: l,
		Page:     p.Frame.Page(l, l.Say("author.title", "name", now.Name)),
		Now:      now.Name,
		SignOut:  ownSignOutForm.New(r),
	}
	if author.ID != "" {
		v.Author = author.Name
	}
	return web.Show(w, r, http.StatusConflict, authorPage(v))
}

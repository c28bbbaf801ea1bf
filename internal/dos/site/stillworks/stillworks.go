// Package stillworks serves the pages on which somebody says whether logging in with their Care Identity still works,
// by the links in the mail that asks, without logging in.
package stillworks

import (
	"net/http"

	"signpost/internal/dos/rollout/followup"
	"signpost/internal/dos/site/frame"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

const (
	title    = "Does logging in with your Care Identity work?"
	linkPath = followup.Path + "{account}/{secret}"

	maxPerMinute = 20 // of one network
)

var brokenForm = form.Form{Path: linkPath, Page: title, Act: "No, tell the service desk"}

// Pages serves the pages.
type Pages struct {
	frame  *frame.Frame
	office followup.Office
}

// Mount adds the pages to the site.
func Mount(s *web.Site, f *frame.Frame, o followup.Office) {
	p := &Pages{frame: f, office: o}
	s.Handle("GET "+linkPath, f.MaybeSignedIn(), p.show)
	s.Handle("GET "+linkPath+followup.Works, f.MaybeSignedIn(), p.works)
	f.HandleForm(s, brokenForm, f.MaybeSignedIn(), s.PerMinute(maxPerMinute, p.broken))
}

type view struct {
	Page   page.Params
	Number string // of the ticket that was raised; empty for none
	Works  string // where those go for whom it works
	Broken string // where those go for whom it does not
	Desk   string // how to reach the service desk
	Form   *form.Rendered
}

func (p *Pages) viewOf(w http.ResponseWriter, r *http.Request) (v view, err error) {
	account, secret := r.PathValue("account"), r.PathValue("secret")
	if v.Number, err = p.office.Look(r.Context(), account, secret); err != nil {
		return v, err
	}
	v.Broken = followup.Path + account + "/" + secret
	v.Works = v.Broken + followup.Works
	v.Form = brokenForm.New(r).About("the account that the email was for")
	v.Page = p.frame.Page(w, r, title)
	v.Desk = v.Page.ServiceDesk.Line
	return v, nil
}

// show asks, or says what became of the answer. It changes nothing.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	v, err := p.viewOf(w, r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, askPage(v))
}

// works thanks those for whom it works, of whom nothing is kept.
func (p *Pages) works(w http.ResponseWriter, r *http.Request) error {
	v, err := p.viewOf(w, r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, worksPage(v))
}

// broken raises a ticket.
func (p *Pages) broken(w http.ResponseWriter, r *http.Request) error {
	account, secret := r.PathValue("account"), r.PathValue("secret")
	if err := p.office.Broken(r.Context(), web.Actor(r), account, secret); err != nil {
		return err
	}
	return web.SeeOther(w, r, followup.Path+account+"/"+secret, "")
}

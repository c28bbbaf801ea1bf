package person

import (
	"net/http"

	"signpost/internal/careid/console/frame"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/registration/life"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

func (p *Person) askClose(w http.ResponseWriter, r *http.Request) error {
	return p.showClose(w, r, closeForm.New(r))
}

func (p *Person) showClose(w http.ResponseWriter, r *http.Request, f *form.Rendered) error {
	k, err := p.known(r)
	if err != nil {
		return err
	}
	if _, possible := identity.After(k.identity.Status, identity.BeginClosing); !possible || k.own(r) {
		return web.SeeOther(w, r, frame.PathOf(k.identity.UUID), "Nothing was changed. That cannot be done now.")
	}
	f.About(k.identity.DisplayName())
	v := changeView{Page: p.frame.Page(w, r, closeForm.Page), Form: f, Button: closeForm.Act,
		Name: k.identity.DisplayName(), Warns: true, Closes: true}
	v.Page.Error = f.HasProblems()
	v.Page.BackHref = frame.PathOf(k.identity.UUID)
	return web.Show(w, r, f.Status(), changePage(v))
}

func (p *Person) close(w http.ResponseWriter, r *http.Request) error {
	f := closeForm.Read(r)
	if !f.Complete() {
		return p.showClose(w, r, f)
	}
	uuid := r.PathValue("uuid")
	err := life.Close(r.Context(), p.frame.DB, web.Actor(r), uuid, life.Closure{
		Reason: f.Value("reason"), Notes: f.Value("note"), Sure: f.Value("sure") != "", Typed: f.Value("typed"),
	})
	if refused(err) {
		f.Explain(err)
		return p.showClose(w, r, f)
	}
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, frame.PathOf(uuid), "The Care Identity is being closed. It opens nothing any more. "+
		"Positions and authenticators end within minutes.")
}

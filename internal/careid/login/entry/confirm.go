package entry

import (
	"net/http"

	"signpost/internal/careid/identity"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/session"
	"signpost/internal/platform/db"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
)

type confirmView struct {
	step.View
	Name string         // whose session the browser has
	Else *form.Rendered // says that it is not theirs
}

// readOwner reads whose session the browser has.
func (p *Pages) readOwner(r *http.Request, f provider.Flow) (identity.Identity, error) {
	return db.Read(r.Context(), p.DB, func(read db.R) (identity.Identity, error) {
		return identity.ByUUID(r.Context(), read, f.State.Proven.UUID)
	})
}

// showConfirm asks whether the session of a shared browser is that of whoever is there.
func (p *Pages) showConfirm(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	owner, err := p.readOwner(r, f)
	if err != nil {
		return err
	}
	v := confirmView{
		View: p.View(r, f, p.Frame.Language(r).Say("confirm.title"), p.Button(r, "continue")),
		Name: owner.DisplayName(), Else: p.Button(r, "somebody-else"),
	}
	return web.Show(w, r, http.StatusOK, confirmPage(v))
}

// confirm goes on with the session of the browser.
func (p *Pages) confirm(w http.ResponseWriter, r *http.Request) error {
	f := step.FlowOf(r)
	out, err := p.Provider.Confirm(r, web.Actor(r), f)
	if err != nil {
		return err
	}
	return p.Follow(w, r, f, out)
}

// somebodyElse ends the session of the browser, and asks who is there.
func (p *Pages) somebodyElse(w http.ResponseWriter, r *http.Request) error {
	f := step.FlowOf(r)
	err := p.Provider.SomebodyElse(r.Context(), web.Actor(r), f, web.Cookie(r, session.Cookie))
	if err != nil {
		return err
	}
	web.ClearSession(w, session.Cookie)
	return web.SeeOther(w, r, step.PathOf(f), "")
}

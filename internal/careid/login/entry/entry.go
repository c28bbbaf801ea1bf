// Package entry is the pages of one sign-in beside those on which an authenticator is proved: which authenticator,
// which role, and why not.
//
// Each page posts to the provider and asks it what comes next; no page leads to another by itself.
package entry

import (
	"errors"
	"net/http"

	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// Pages are the pages of a sign-in.
type Pages struct{ *step.SignIn }

// Mount adds the pages to a site, and those of each way to prove oneself.
func (p *Pages) Mount(s *web.Site) {
	mine := p.UnderWay()
	s.Handle(step.Pattern("GET", ""), mine, p.show)
	s.Handle(step.Pattern("POST", "/authenticator"), mine, p.choose)
	s.Handle(step.Pattern("POST", "/again"), mine, p.again)
	s.Handle(step.Pattern("POST", "/role"), mine, p.role)
	s.Handle(step.Pattern("POST", "/leave"), mine, p.leave)
	for _, way := range p.Ways.All() {
		way.Proof(p.Prover(way)).Mount(s)
	}
}

// show shows the page that the sign-in needs next.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	return p.showWith(w, r, step.FlowOf(r), nil)
}

func (p *Pages) showWith(w http.ResponseWriter, r *http.Request, f provider.Flow, problem error) error {
	switch f.Next() {
	case provider.StepChoose:
		return p.showChoice(w, r, f, problem)
	case provider.StepProve:
		way, err := p.Ways.Of(f.State.Chosen)
		if err != nil {
			return err
		}
		return way.Proof(p.Prover(way)).Show(w, r, f, problem)
	case provider.StepRole:
		v := p.roleView(r, f, problem)
		return web.Show(w, r, frame.Status(v.Form), rolePage(v))
	case provider.StepRefuse:
		return p.showRefusal(w, r, f)
	}
	return step.Over
}

// showChoice shows the ways to sign in that this request allows, and on a device that was used before,
// those that its users' organisations have approved, unless all are asked for.
func (p *Pages) showChoice(w http.ResponseWriter, r *http.Request, f provider.Flow, problem error) error {
	had := p.Device(r)
	var approved []authn.Kind
	err := p.DB.View(r.Context(), func(read db.R) (err error) {
		approved, err = organisation.ApprovedAt(r.Context(), read, had.Workplaces)
		return err
	})
	if err != nil {
		return err
	}
	all := r.FormValue("all") != ""
	kinds, hidden := arrange(f.Offered(), approved, had.Kind, all)
	v := p.chooseView(r, f, choice{kinds: kinds, last: had.Kind, hidden: hidden, all: all}, problem)
	return web.Show(w, r, frame.Status(v.Form), choosePage(v))
}

// showRefusal says why the sign-in cannot go on, and who may help.
func (p *Pages) showRefusal(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	ra, err := p.registrationAuthority(r, f.State.Workplaces)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusForbidden, refusalPage(p.refusalView(r, f, ra)))
}

// registrationAuthority is the first that serves one of some organisations, or none.
func (p *Pages) registrationAuthority(r *http.Request, codes []string) (ra organisation.Organisation, err error) {
	err = p.DB.View(r.Context(), func(read db.R) error {
		for _, code := range codes {
			found, err := organisation.RegistrationAuthority(r.Context(), read, code)
			if err == nil {
				ra = found
				return nil
			}
			if !errors.Is(err, fault.NotFound) {
				return err
			}
		}
		return nil
	})
	return ra, err
}

func (p *Pages) choose(w http.ResponseWriter, r *http.Request) error {
	f := step.FlowOf(r)
	kind := authn.Kind(r.PostFormValue("authenticator"))
	for _, a := range p.Another {
		if string(kind) == a.Value {
			return web.SeeOther(w, r, a.Path(f.ID), "")
		}
	}
	if err := p.Provider.Choose(r.Context(), f, kind); err != nil {
		return p.Again(w, r, f, err, p.showWith)
	}
	return web.SeeOther(w, r, step.Here(f), "")
}

func (p *Pages) again(w http.ResponseWriter, r *http.Request) error {
	f := step.FlowOf(r)
	if err := p.Provider.ChooseAgain(r.Context(), f); err != nil {
		return err
	}
	return web.SeeOther(w, r, step.Here(f), "")
}

func (p *Pages) role(w http.ResponseWriter, r *http.Request) error {
	f := step.FlowOf(r)
	out, err := p.Provider.ChooseRole(r.Context(), web.Actor(r), f, r.PostFormValue("role"))
	if err != nil {
		return p.Again(w, r, f, err, p.showWith)
	}
	return p.Follow(w, r, f, out)
}

func (p *Pages) leave(w http.ResponseWriter, r *http.Request) error {
	f := step.FlowOf(r)
	answer, err := p.Provider.Leave(r.Context(), f)
	if err != nil {
		return err
	}
	web.ClearCookie(w, provider.FlowCookie(f.ID))
	return p.Provider.Send(w, r, answer)
}

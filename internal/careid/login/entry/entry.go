// Package entry serves the pages of a sign-in on which people choose an authenticator or a role, and the page that says
// why they cannot go on. The pages on which an authenticator is proved stand in a folder for each method.
//
// Each form goes to the provider, which decides what comes next; no page leads to another by itself.
package entry

import (
	"errors"
	"net/http"

	"signpost/internal/careid/hosting"
	"signpost/internal/careid/login/step"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// Pages serves the pages of a sign-in, except those of each method.
type Pages struct{ *step.SignIn }

// Mount adds the pages to a site, and those of each method.
func (p *Pages) Mount(s *web.Site) {
	s.Handle("GET "+step.FlowPattern, p.UnderWay(), p.show)
	none := words.Language{}
	p.HandleForm(s, step.SignInForm(none, "continue"), p.confirm)
	p.HandleForm(s, step.SignInForm(none, "somebody-else"), p.somebodyElse)
	p.HandleForm(s, chooseForm(none, false), p.choose)
	p.HandleForm(s, step.SignInForm(none, "again"), p.again)
	p.HandleForm(s, roleForm(none, false), p.role)
	p.HandleForm(s, step.SignInForm(none, "leave"), p.leave)
	for _, way := range p.Ways.All() {
		way.Proof(p.Prover(way)).Mount(s)
	}
}

// show shows the page that the sign-in needs next.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	f := step.FlowOf(r)
	for _, extra := range p.ExtraChoices {
		if f.Next() == provider.StepChoose && extra.Chosen(r) {
			return web.SeeOther(w, r, extra.Path(f.ID), "")
		}
	}
	return p.showWith(w, r, f, nil)
}

func (p *Pages) showWith(w http.ResponseWriter, r *http.Request, f provider.Flow, problem error) error {
	switch f.Next() {
	case provider.StepConfirm:
		return p.showConfirm(w, r, f)
	case provider.StepMeet:
		return p.showMeet(w, r, f)
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
		return web.Show(w, r, v.Form.Status(), rolePage(v))
	case provider.StepRefuse:
		return p.showRefusal(w, r, f)
	}
	return p.showOver(w, r, f)
}

// showChoice shows the kinds of authenticator that the request allows. On a device that was used before, it leaves out
// those that none of its user's organisations has approved, unless the person wants to see all.
func (p *Pages) showChoice(w http.ResponseWriter, r *http.Request, f provider.Flow, problem error) error {
	device := p.Device(r)
	policies, err := db.Read(r.Context(), p.DB, func(read db.R) (organisation.Policies, error) {
		return organisation.PoliciesAt(r.Context(), read, device.Workplaces)
	})
	if err != nil {
		return err
	}
	typed := chooseForm(p.Frame.Language(r), false).Read(r)
	c := choice{last: device.Kind, all: r.URL.Query().Has("all") || typed.Value("all") != "" || web.CameBack(r)}
	c.kinds, c.hidden = arrange(f.Offered(), policies.Kinds(), c.last, c.all)
	v, err := p.chooseView(r, f, c, problem)
	if err != nil {
		return err
	}
	return web.Show(w, r, v.Form.Status(), choosePage(v))
}

// showRefusal shows why the sign-in cannot go on, and who can help.
func (p *Pages) showRefusal(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	ra, err := p.registrationAuthority(r, f.State.Workplaces)
	if err != nil {
		return err
	}
	v := p.refusalView(r, f, ra)
	if f.State.RefusedFor() == provider.OnTrial {
		if v.Team, err = p.team(r, f, v.Language); err != nil {
			return err
		}
	}
	return web.Show(w, r, http.StatusForbidden, refusalPage(v))
}

// registrationAuthority gives the first registration authority that serves one of some organisations, or none.
func (p *Pages) registrationAuthority(r *http.Request, codes []string) (organisation.Organisation, error) {
	return db.Read(r.Context(), p.DB, func(read db.R) (organisation.Organisation, error) {
		for _, code := range codes {
			ra, err := hosting.RegistrationAuthority(r.Context(), read, code)
			if !errors.Is(err, fault.NotFound) {
				return ra, err
			}
		}
		return organisation.Organisation{}, nil
	})
}

func (p *Pages) choose(w http.ResponseWriter, r *http.Request) error {
	f := step.FlowOf(r)
	typed := chooseForm(p.Frame.Language(r), false).Read(r)
	kind := authn.Kind(typed.Value(step.KindField))
	for _, a := range p.ExtraChoices {
		if string(kind) == a.Value {
			return web.SeeOther(w, r, a.Path(f.ID), "")
		}
	}
	if err := p.Provider.Choose(r.Context(), f, kind, known(typed.Value("email"))); err != nil {
		return p.Again(w, r, f, err, p.showWith)
	}
	return web.SeeOther(w, r, step.PathOf(f), "")
}

// known gives an email address that was typed with a choice; none where it is not one, as nothing needs it yet.
func known(typed string) string {
	address, err := email.Parse(typed)
	if err != nil {
		return ""
	}
	return address.String()
}

func (p *Pages) again(w http.ResponseWriter, r *http.Request) error {
	f := step.FlowOf(r)
	if err := p.Provider.ChooseAgain(r.Context(), f); err != nil {
		return err
	}
	return web.SeeOther(w, r, step.PathOf(f), "")
}

func (p *Pages) role(w http.ResponseWriter, r *http.Request) error {
	f := step.FlowOf(r)
	chosen := roleForm(p.Frame.Language(r), false).Read(r).Value("role")
	out, err := p.Provider.ChooseRole(r.Context(), web.Actor(r), f, chosen)
	if errors.Is(err, fault.Invalid) {
		return p.Again(w, r, f, err, p.showWith)
	}
	if err != nil {
		return p.Refuse(w, r, f, err)
	}
	return p.Follow(w, r, f, out)
}

func (p *Pages) leave(w http.ResponseWriter, r *http.Request) error {
	f := step.FlowOf(r)
	answer, err := p.Provider.Leave(r.Context(), f)
	if err != nil {
		return err
	}
	provider.FlowCookies.Clear(w, f.ID)
	return p.Provider.Send(w, r, answer)
}

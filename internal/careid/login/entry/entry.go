// Package entry is the pages of one sign-in: which authenticator, its proof, which role, and why not.
//
// Each page posts to the provider and asks it what comes next; no page leads to another by itself.
package entry

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/careid/authenticator/webauthn"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/provider"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// Pages are the pages of a sign-in.
type Pages struct {
	DB       *db.DB
	Provider *provider.Provider
	Party    *webauthn.Party
	Apps     *totp.Keeper
	Frame    frame.Frame
	Another  []Another // further ways in, after those of the provider
}

// Another is a way to sign in that has pages of its own.
type Another struct {
	Value string // of its radio; no kind of authenticator's
	Label string
	Path  func(flowID string) string
}

// Mount adds the pages to a site.
func (p *Pages) Mount(s *web.Site) {
	mine := p.underWay()
	s.Handle("GET "+provider.FlowPath+"{flow}", mine, p.show)
	s.Handle("POST "+provider.FlowPath+"{flow}/authenticator", mine, p.choose)
	s.Handle("POST "+provider.FlowPath+"{flow}/again", mine, p.again)
	s.Handle("POST "+provider.FlowPath+"{flow}/options", mine, p.options)
	s.Handle("POST "+provider.FlowPath+"{flow}/key", mine, p.key)
	s.Handle("POST "+provider.FlowPath+"{flow}/password", mine, s.PerMinute(guesses, p.password))
	s.Handle("POST "+provider.FlowPath+"{flow}/code", mine, s.PerMinute(guesses, p.code))
	s.Handle("POST "+provider.FlowPath+"{flow}/role", mine, p.role)
	s.Handle("POST "+provider.FlowPath+"{flow}/leave", mine, p.leave)
}

// guesses is how many passwords or codes one address may try in a minute on a node: a whole hospital
// may share an address at the start of a shift.
const guesses = 120

type flowKey struct{}

// expired are the words for a sign-in that is over, or belongs to another browser.
var expired = fault.SayCure(fault.Expired, "This sign-in was finished, took too long or was started in another browser.",
	"Go back to the service you want to use and sign in again there.")

// underWay lets through the browser that a sign-in belongs to.
func (p *Pages) underWay() web.Guard {
	return web.Guard{Name: "the browser of this sign-in", Check: func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
		f, err := Load(p.Provider, r)
		if err != nil {
			return nil, err
		}
		web.FormsLeadTo(w, f.State.Request.Origin())
		return r.WithContext(context.WithValue(r.Context(), flowKey{}, f)), nil
	}}
}

// Load reads the sign-in that the path names, if it is this browser's.
func Load(p *provider.Provider, r *http.Request) (provider.Flow, error) {
	id := r.PathValue("flow")
	f, err := p.Load(r.Context(), id, web.Cookie(r, provider.FlowCookie(id)))
	if errors.Is(err, fault.Expired) {
		return f, expired
	}
	return f, err
}

func flowOf(r *http.Request) provider.Flow {
	f, _ := r.Context().Value(flowKey{}).(provider.Flow) // the guard put it there
	return f
}

// here is where a sign-in's next page is.
func here(f provider.Flow) string { return provider.FlowPath + f.ID }

// show shows the page that the sign-in needs next.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	return p.showWith(w, r, flowOf(r), http.StatusOK, nil)
}

func (p *Pages) showWith(w http.ResponseWriter, r *http.Request, f provider.Flow, status int, wrong []frame.FieldError) error {
	switch f.Next() {
	case provider.StepChoose:
		return web.Show(w, r, status, choosePage(p.chooseView(f, wrong)))
	case provider.StepKey:
		return web.Show(w, r, status, keyPage(p.keyView(f, wrong)))
	case provider.StepPassword:
		return web.Show(w, r, status, passwordPage(p.passwordView(f, r.PostFormValue("email"), wrong)))
	case provider.StepCode:
		return web.Show(w, r, status, codePage(p.codeView(f, wrong)))
	case provider.StepRole:
		return web.Show(w, r, status, rolePage(p.roleView(f, r.FormValue("find"), wrong)))
	case provider.StepRefuse:
		return web.Show(w, r, http.StatusForbidden, refusalPage(p.refusalView(f, web.RequestID(r.Context()))))
	}
	return expired
}

// showAgain shows the page once more with what was wrong, if that is for the person to mend.
func (p *Pages) showAgain(w http.ResponseWriter, r *http.Request, f provider.Flow, err error) error {
	wrong, ok := frame.ErrorsOf(err)
	if !ok || errors.Is(err, fault.Expired) || errors.Is(err, fault.Conflict) {
		return err
	}
	return p.showWith(w, r, f, http.StatusUnprocessableEntity, wrong)
}

func (p *Pages) choose(w http.ResponseWriter, r *http.Request) error {
	f := flowOf(r)
	kind := authn.Kind(r.PostFormValue("authenticator"))
	for _, a := range p.Another {
		if string(kind) == a.Value {
			return web.SeeOther(w, r, a.Path(f.ID), "")
		}
	}
	if err := p.Provider.Choose(r.Context(), f, kind); err != nil {
		return p.showAgain(w, r, f, err)
	}
	return web.SeeOther(w, r, here(f), "")
}

func (p *Pages) again(w http.ResponseWriter, r *http.Request) error {
	f := flowOf(r)
	if err := p.Provider.ChooseAgain(r.Context(), f); err != nil {
		return err
	}
	return web.SeeOther(w, r, here(f), "")
}

func (p *Pages) role(w http.ResponseWriter, r *http.Request) error {
	f := flowOf(r)
	out, err := p.Provider.ChooseRole(r.Context(), web.Actor(r), f, r.PostFormValue("role"))
	if err != nil {
		return p.showAgain(w, r, f, err)
	}
	return Follow(w, r, p.Provider, f, out)
}

func (p *Pages) leave(w http.ResponseWriter, r *http.Request) error {
	f := flowOf(r)
	answer, err := p.Provider.Leave(r.Context(), f)
	if err != nil {
		return err
	}
	web.ClearCookie(w, provider.FlowCookie(f.ID))
	return p.Provider.Send(w, r, answer)
}

// Proved hands a proof to the provider and follows what comes of it.
func Proved(w http.ResponseWriter, r *http.Request, p *provider.Provider, f provider.Flow, proof authenticator.Proof) error {
	out, err := p.Prove(r.Context(), web.Actor(r), f, web.Cookie(r, provider.SSOCookie), proof)
	var refused *provider.Refusal
	if errors.As(err, &refused) {
		if err := p.Fall(r.Context(), f, *refused); err != nil {
			return err
		}
		return web.SeeOther(w, r, here(f), "")
	}
	if err != nil {
		return err
	}
	return Follow(w, r, p, f, out)
}

// Follow sends the browser where a step led: back to the service, or to the next page.
func Follow(w http.ResponseWriter, r *http.Request, p *provider.Provider, f provider.Flow, out provider.Outcome) error {
	if out.Cookie != "" {
		web.SetCookie(w, provider.SSOCookie, out.Cookie, 0)
	}
	if out.Answer.Empty() {
		return web.SeeOther(w, r, here(f), "")
	}
	web.ClearCookie(w, provider.FlowCookie(f.ID))
	return p.Send(w, r, out.Answer)
}

func (p *Pages) offered(f provider.Flow) []authn.Kind {
	return slices.DeleteFunc(slices.Clone(provider.Provable), func(k authn.Kind) bool { return !f.State.Request.Offers(k) })
}

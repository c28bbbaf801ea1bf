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
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/organisation"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/session"
	"signpost/internal/national/authn"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
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
	Label words.Key
	Path  func(flowID string) string
}

// Mount adds the pages to a site.
func (p *Pages) Mount(s *web.Site) {
	mine := UnderWay(p.Provider, p.Frame)
	s.Handle("GET "+provider.FlowPath+"{flow}", mine, p.show)
	s.Handle("POST "+provider.FlowPath+"{flow}/authenticator", mine, p.choose)
	s.Handle("POST "+provider.FlowPath+"{flow}/again", mine, p.again)
	s.Handle("POST "+provider.FlowPath+"{flow}/options", mine, p.options)
	s.Handle("POST "+provider.FlowPath+"{flow}/key", mine, s.PerMinute(guesses, p.key))
	s.Handle("POST "+provider.FlowPath+"{flow}/password", mine, s.PerMinute(guesses, p.password))
	s.Handle("POST "+provider.FlowPath+"{flow}/code", mine, s.PerMinute(guesses, p.code))
	s.Handle("POST "+provider.FlowPath+"{flow}/role", mine, p.role)
	s.Handle("POST "+provider.FlowPath+"{flow}/leave", mine, p.leave)
}

// guesses is how many passwords or codes one address may try in a minute on a node: a whole hospital
// may share an address at the start of a shift.
const guesses = 120

type flowKey struct{}

// over and otherBrowser are the words for a sign-in that cannot be gone on with here.
var (
	over         = words.Fault(fault.Expired, "over")
	otherBrowser = words.Fault(fault.Expired, "other-browser")
)

// UnderWay lets through the browser that a sign-in belongs to.
func UnderWay(p *provider.Provider, fr frame.Frame) web.Guard {
	return web.Guard{Name: "the browser of this sign-in", Check: func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
		f, err := load(p, r)
		if err != nil {
			return nil, err
		}
		web.FormsLeadTo(w, f.State.Request.Origin())
		r = fr.Speak(w, r, f.State.Request.Locales)
		return r.WithContext(context.WithValue(r.Context(), flowKey{}, f)), nil
	}}
}

// load reads the sign-in that the path names, if it is this browser's.
func load(p *provider.Provider, r *http.Request) (provider.Flow, error) {
	id := r.PathValue("flow")
	f, err := p.Load(r.Context(), id, web.Cookie(r, provider.FlowCookie(id)))
	switch {
	case errors.Is(err, provider.ErrOtherBrowser):
		return f, otherBrowser
	case errors.Is(err, fault.Expired):
		return f, over
	}
	return f, err
}

// FlowOf is the sign-in that UnderWay let through.
func FlowOf(r *http.Request) provider.Flow {
	f, _ := r.Context().Value(flowKey{}).(provider.Flow) // the guard put it there
	return f
}

// here is where a sign-in's next page is.
func here(f provider.Flow) string { return provider.FlowPath + f.ID }

// show shows the page that the sign-in needs next.
func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	return p.showWith(w, r, FlowOf(r), http.StatusOK, nil)
}

func (p *Pages) showWith(w http.ResponseWriter, r *http.Request, f provider.Flow, status int, wrong []frame.FieldError) error {
	l := p.Frame.Language(r)
	switch f.Next() {
	case provider.StepChoose:
		return p.showChoice(w, r, f, status, wrong)
	case provider.StepKey:
		return web.Show(w, r, status, keyPage(p.keyView(l, f, wrong)))
	case provider.StepPassword:
		return web.Show(w, r, status, passwordPage(p.passwordView(l, f, typedEmail(r, f), wrong)))
	case provider.StepCode:
		return web.Show(w, r, status, codePage(p.codeView(l, f, wrong)))
	case provider.StepRole:
		return web.Show(w, r, status, rolePage(p.roleView(l, f, r.FormValue("find"), wrong)))
	case provider.StepRefuse:
		return p.showRefusal(w, r, f)
	}
	return over
}

// showChoice shows the ways to sign in that this request allows, and on a device that was used before,
// those that its users' organisations have approved, unless all are asked for.
func (p *Pages) showChoice(w http.ResponseWriter, r *http.Request, f provider.Flow, status int, wrong []frame.FieldError) error {
	had := deviceOf(r)
	var approved []authn.Kind
	err := p.DB.View(r.Context(), func(read db.R) (err error) {
		approved, err = organisation.ApprovedAt(r.Context(), read, had.Workplaces)
		return err
	})
	if err != nil {
		return err
	}
	all := r.FormValue("all") != ""
	kinds, hidden := arrange(p.offered(f), approved, had.Kind, all)
	return web.Show(w, r, status, choosePage(p.chooseView(p.Frame.Language(r), f, choice{kinds: kinds, last: had.Kind, hidden: hidden, all: all}, wrong)))
}

// typedEmail is what was typed, else the address by which the service expects the person.
func typedEmail(r *http.Request, f provider.Flow) string {
	if r.PostForm.Has("email") {
		return r.PostFormValue("email")
	}
	if _, err := email.Parse(f.State.Request.LoginHint); err != nil {
		return ""
	}
	return f.State.Request.LoginHint
}

// showRefusal says why the sign-in cannot go on, and who may help.
func (p *Pages) showRefusal(w http.ResponseWriter, r *http.Request, f provider.Flow) error {
	ra, err := p.registrationAuthority(r, f.State.Workplaces)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusForbidden, refusalPage(p.refusalView(p.Frame.Language(r), f, ra)))
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

// showAgain shows the page once more with what was wrong, if that is for the person to mend.
func (p *Pages) showAgain(w http.ResponseWriter, r *http.Request, f provider.Flow, err error) error {
	wrong, ok := frame.ErrorsOf(p.Frame.Language(r), err)
	if !ok || errors.Is(err, fault.Expired) || errors.Is(err, fault.Conflict) {
		return err
	}
	return p.showWith(w, r, f, http.StatusUnprocessableEntity, wrong)
}

func (p *Pages) choose(w http.ResponseWriter, r *http.Request) error {
	f := FlowOf(r)
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
	f := FlowOf(r)
	if err := p.Provider.ChooseAgain(r.Context(), f); err != nil {
		return err
	}
	return web.SeeOther(w, r, here(f), "")
}

func (p *Pages) role(w http.ResponseWriter, r *http.Request) error {
	f := FlowOf(r)
	out, err := p.Provider.ChooseRole(r.Context(), web.Actor(r), f, r.PostFormValue("role"))
	if err != nil {
		return p.showAgain(w, r, f, err)
	}
	return Follow(w, r, p.Provider, f, out)
}

func (p *Pages) leave(w http.ResponseWriter, r *http.Request) error {
	f := FlowOf(r)
	answer, err := p.Provider.Leave(r.Context(), f)
	if err != nil {
		return err
	}
	web.ClearCookie(w, provider.FlowCookie(f.ID))
	return p.Provider.Send(w, r, answer)
}

// Proved hands a proof to the provider and follows what comes of it.
func Proved(w http.ResponseWriter, r *http.Request, p *provider.Provider, f provider.Flow, proof authenticator.Proof) error {
	out, err := p.Prove(r.Context(), web.Actor(r), f, web.Cookie(r, session.Cookie), proof)
	if err != nil {
		return fallen(w, r, p, f, err)
	}
	return Follow(w, r, p, f, out)
}

// proved is Proved, after which the device knows how somebody signed in on it.
func (p *Pages) proved(w http.ResponseWriter, r *http.Request, f provider.Flow, proof authenticator.Proof) error {
	out, err := p.Provider.Prove(r.Context(), web.Actor(r), f, web.Cookie(r, session.Cookie), proof)
	if err != nil {
		return fallen(w, r, p.Provider, f, err)
	}
	remember(w, out)
	return Follow(w, r, p.Provider, f, out)
}

// fallen sends the browser to the page of a refusal, where the error is one.
func fallen(w http.ResponseWriter, r *http.Request, p *provider.Provider, f provider.Flow, err error) error {
	var refused *provider.Refusal
	var barred *authenticator.Barred
	var why provider.Refusal
	switch {
	case errors.As(err, &refused):
		why = *refused
	case errors.As(err, &barred):
		logged(r, err)
		if why, err = p.Bar(r.Context(), f, barred.Authenticator); err != nil {
			return err
		}
	default:
		return err
	}
	if err := p.Fall(r.Context(), f, why); err != nil {
		return err
	}
	return web.SeeOther(w, r, here(f), "")
}

// Follow sends the browser where a step led: back to the service, or to the next page.
func Follow(w http.ResponseWriter, r *http.Request, p *provider.Provider, f provider.Flow, out provider.Outcome) error {
	if out.Cookie != "" {
		web.SetCookie(w, session.Cookie, out.Cookie, 0)
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

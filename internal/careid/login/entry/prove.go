package entry

import (
	"errors"
	"net/http"

	"signpost/internal/careid/authenticator/webauthn"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// options gives the script what the browser's dialog needs, and keeps the challenge.
func (p *Pages) options(w http.ResponseWriter, r *http.Request) error {
	f := FlowOf(r)
	if f.Next() != provider.StepKey {
		return over
	}
	ceremony, err := p.Party.BeginProof(f.State.Chosen)
	if err != nil {
		return err
	}
	if err := p.Provider.Challenge(r.Context(), f, ceremony.Challenge); err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, ceremony.Options)
}

// key takes the authenticator's answer, or the news that there is none. Whatever comes of an answer, its
// challenge is used up.
func (p *Pages) key(w http.ResponseWriter, r *http.Request) error {
	f := FlowOf(r)
	if f.Next() != provider.StepKey {
		return over
	}
	if r.PostFormValue("failed") != "" || r.PostFormValue("answer") == "" {
		return p.stop(w, r, f, unanswered(r.PostFormValue("failed")))
	}
	if f.State.Challenge == nil {
		return p.showAgain(w, r, f, errNoChallenge)
	}
	proof, err := p.Party.FinishProof(r.Context(), p.DB, web.Actor(r), *f.State.Challenge, []byte(r.PostFormValue("answer")))
	if err == nil {
		err = p.proved(w, r, f, proof)
	}
	switch {
	case errors.Is(err, webauthn.ErrUnknown):
		return p.stop(w, r, f, stopped{why: provider.UnknownKey})
	case errors.Is(err, webauthn.Refused):
		return p.refusedKey(w, r, f, err)
	}
	return fallen(w, r, p.Provider, f, err)
}

// stopped is why nobody was proved, and what the browser said of it, for the service desk.
type stopped struct {
	why  provider.Reason
	said string
}

// unanswered tells what the script's news means, which is the name of the browser's error (WebAuthn §5.1.4).
func unanswered(name string) stopped {
	switch name {
	case "":
		return stopped{why: provider.NoScript}
	case "NotSupportedError", "SecurityError":
		return stopped{why: provider.Unsupported, said: name}
	case "NotAllowedError", "AbortError", "InvalidStateError", "UnknownError", "ConstraintError":
		return stopped{why: provider.Cancelled, said: name}
	}
	return stopped{why: provider.Cancelled, said: "another error"}
}

// stop ends at the page of a refusal.
func (p *Pages) stop(w http.ResponseWriter, r *http.Request, f provider.Flow, s stopped) error {
	logged(r, errors.New(string(s.why)))
	if err := p.Provider.Stop(r.Context(), web.Actor(r), f, s.why, s.said); err != nil {
		return err
	}
	return web.SeeOther(w, r, here(f), "")
}

var errNoChallenge = words.Fault(fault.Invalid, "answered")

// refusedKey says on the page that the authenticator was not accepted; why is for the log.
func (p *Pages) refusedKey(w http.ResponseWriter, r *http.Request, f provider.Flow, err error) error {
	wrong, _ := frame.ErrorsOf(p.Frame.Language(r), err)
	logged(r, err)
	f, err = p.Provider.DropChallenge(r.Context(), f)
	if err != nil {
		return err
	}
	return p.showWith(w, r, f, http.StatusUnprocessableEntity, wrong)
}

func (p *Pages) password(w http.ResponseWriter, r *http.Request) error {
	f := FlowOf(r)
	if f.Next() != provider.StepPassword {
		return over
	}
	address, err := email.Parse(r.PostFormValue("email"))
	if err != nil {
		return p.showAgain(w, r, f, err)
	}
	if r.PostFormValue("password") == "" {
		return p.showAgain(w, r, f, words.FieldFault(fault.Invalid, "password", "password-missing"))
	}
	key, _ := address.Canonical()
	uuids, err := p.withEmail(r, key)
	if err != nil {
		return err
	}
	app, err := p.Apps.CheckPassword(r.Context(), p.DB, web.Actor(r), uuids, key, r.PostFormValue("password"))
	if err != nil {
		return p.showAgain(w, r, f, err)
	}
	if err := p.Provider.Password(r.Context(), f, app); err != nil {
		return err
	}
	return web.SeeOther(w, r, here(f), "")
}

func (p *Pages) withEmail(r *http.Request, key string) (uuids []string, err error) {
	err = p.DB.View(r.Context(), func(dr db.R) error {
		found, err := identity.ByEmail(r.Context(), dr, key)
		for _, i := range found {
			uuids = append(uuids, i.UUID)
		}
		return err
	})
	return uuids, err
}

func (p *Pages) code(w http.ResponseWriter, r *http.Request) error {
	f := FlowOf(r)
	if f.Next() != provider.StepCode {
		return over
	}
	err := p.proved(w, r, f, p.Apps.Proof(f.State.App, r.PostFormValue("code")))
	if errors.Is(err, fault.Invalid) || errors.Is(err, fault.Unauthenticated) {
		return p.showAgain(w, r, f, err)
	}
	return err
}

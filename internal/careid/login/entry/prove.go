package entry

import (
	"errors"
	"net/http"

	"signpost/internal/careid/authenticator/webauthn"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/provider"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// options gives the script what the browser's dialog needs, and keeps the challenge.
func (p *Pages) options(w http.ResponseWriter, r *http.Request) error {
	f := flowOf(r)
	if f.Next() != provider.StepKey {
		return expired
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

// key takes the authenticator's answer, or the news that there is none. The challenge goes first, so
// that no answer is looked at twice.
func (p *Pages) key(w http.ResponseWriter, r *http.Request) error {
	f := flowOf(r)
	if f.Next() != provider.StepKey {
		return expired
	}
	if r.PostFormValue("failed") != "" || r.PostFormValue("answer") == "" {
		if err := p.Provider.Fall(r.Context(), f, provider.Refusal{Reason: provider.Cancelled}); err != nil {
			return err
		}
		return web.SeeOther(w, r, here(f), "")
	}
	challenge, f, err := p.Provider.TakeChallenge(r.Context(), f)
	if errors.Is(err, fault.Expired) {
		return p.showAgain(w, r, f, errNoChallenge)
	}
	if err != nil {
		return err
	}
	proof, err := p.Party.FinishProof(r.Context(), p.DB, web.Actor(r), challenge, []byte(r.PostFormValue("answer")))
	if err == nil {
		err = Proved(w, r, p.Provider, f, proof)
	}
	if errors.Is(err, webauthn.Refused) || errors.Is(err, fault.Forbidden) {
		return p.refusedKey(w, r, f, err)
	}
	return err
}

var errNoChallenge = fault.Say(fault.Invalid, "That answer was used already. Try again")

// refusedKey says on the page that the authenticator was not accepted; why is for the log.
func (p *Pages) refusedKey(w http.ResponseWriter, r *http.Request, f provider.Flow, err error) error {
	wrong, _ := frame.ErrorsOf(err)
	logged(r, err)
	return p.showWith(w, r, f, http.StatusUnprocessableEntity, wrong)
}

func (p *Pages) password(w http.ResponseWriter, r *http.Request) error {
	f := flowOf(r)
	if f.Next() != provider.StepPassword {
		return expired
	}
	address, err := email.Parse(r.PostFormValue("email"))
	if err != nil {
		return p.showAgain(w, r, f, err)
	}
	if r.PostFormValue("password") == "" {
		return p.showAgain(w, r, f, fault.OfField("password", "Enter your password"))
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
	f := flowOf(r)
	if f.Next() != provider.StepCode {
		return expired
	}
	err := Proved(w, r, p.Provider, f, p.Apps.Proof(f.State.App, r.PostFormValue("code")))
	if errors.Is(err, fault.Invalid) || errors.Is(err, fault.Unauthenticated) {
		return p.showAgain(w, r, f, err)
	}
	return err
}

// Package bind is the pages on which somebody adds an authenticator to their care identity, from a
// one-time link.
//
// A page knows only its link and the browser that opened it, never who is signed in there: in a clinic
// that is the registration authority's own session. Opening the link changes nothing, so that mail
// scanners may; the code that is mailed makes sure that the link's reader is whom it was made for.
package bind

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/authenticator/totp"
	"signpost/internal/careid/authenticator/webauthn"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/email"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/mail"
	"signpost/internal/platform/random"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
)

// eventCodeMailed is recorded when a code was mailed to somebody who is to bind an authenticator.
const eventCodeMailed audit.Kind = "authenticator.code-mailed"

// Pages are the binding pages.
type Pages struct {
	DB    *db.DB
	Party *webauthn.Party
	Apps  *totp.Keeper
	Post  *mail.Post
	Frame frame.Frame
}

var flows = session.Flows[state]{Name: "binding", Life: life}

const (
	stepsPath = "/binding/"
	cookie    = "binding"
	guesses   = 60 // a minute from one address on a node
)

// Mount adds the pages to a site.
func (p *Pages) Mount(s *web.Site) {
	mine := p.underWay()
	s.Handle("GET "+authenticator.BindPath+"{token}", web.Anyone, p.open)
	s.Handle("POST "+authenticator.BindPath+"{token}", web.Anyone, s.PerMinute(guesses, p.begin))
	s.Handle("GET "+stepsPath+"{flow}", mine, p.show)
	s.Handle("POST "+stepsPath+"{flow}/code", mine, s.PerMinute(guesses, p.code))
	s.Handle("POST "+stepsPath+"{flow}/password", mine, s.PerMinute(guesses, p.password))
	s.Handle("POST "+stepsPath+"{flow}/app", mine, s.PerMinute(guesses, p.app))
	s.Handle("POST "+stepsPath+"{flow}/options", mine, p.options)
	s.Handle("POST "+stepsPath+"{flow}/key", mine, p.key)
	s.Handle("GET /authenticator-added", web.Anyone, p.added)
}

// supported are the kinds that can be bound here.
var supported = []authn.Kind{authn.SecurityKey, authn.WindowsHello, authn.Passkey, authn.AuthenticatorApp}

func (p *Pages) invitation(r *http.Request) (i authenticator.Invitation, err error) {
	err = p.DB.View(r.Context(), func(dr db.R) error {
		i, err = authenticator.ByToken(r.Context(), dr, r.PathValue("token"))
		return err
	})
	return i, err
}

func (p *Pages) open(w http.ResponseWriter, r *http.Request) error {
	i, err := p.invitation(r)
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, openPage(p.openView(r, i, nil)))
}

// begin mails the code, if the address typed is the identity's. Whoever typed another is told the same.
func (p *Pages) begin(w http.ResponseWriter, r *http.Request) error {
	i, err := p.invitation(r)
	if err != nil {
		return err
	}
	kind := i.Kinds[0]
	if len(i.Kinds) > 1 {
		kind = authn.Kind(r.PostFormValue("authenticator"))
	}
	if !slices.Contains(i.Kinds, kind) || !slices.Contains(supported, kind) {
		return p.openAgain(w, r, i, words.FieldFault(fault.Invalid, "authenticator", "kind-to-add"))
	}
	address, err := email.Parse(r.PostFormValue("email"))
	if err != nil {
		return p.openAgain(w, r, i, err)
	}
	id, secret, err := p.mailCode(r, i, kind, address)
	if err != nil {
		return err
	}
	web.SetCookie(w, cookie, session.Cookie(id, secret), int(life.Seconds()))
	return web.SeeOther(w, r, stepsPath+id, "")
}

func (p *Pages) openAgain(w http.ResponseWriter, r *http.Request, i authenticator.Invitation, err error) error {
	wrong, ok := frame.ErrorsOf(p.Frame.Language(r), err)
	if !ok {
		return err
	}
	return web.Show(w, r, http.StatusUnprocessableEntity, openPage(p.openView(r, i, wrong)))
}

func (p *Pages) mailCode(r *http.Request, i authenticator.Invitation, kind authn.Kind, typed email.Address) (id, secret string, err error) {
	ctx := r.Context()
	key, _ := typed.Canonical()
	code := random.Code()
	err = p.DB.Update(ctx, web.Actor(r), func(w *db.W) error {
		whose, err := identity.ByUUID(ctx, w, i.UUID)
		if err != nil {
			return err
		}
		s := state{Invitation: i.ID, UUID: i.UUID, Kind: kind}
		if whose.EmailCanonical == key {
			s.Code = p.Apps.Box.Seal([]byte(code), "binding/"+i.ID)
			if err := p.Post.Send(ctx, w, codeMail(p.Frame.Language(r), whose.Email, code)); err != nil {
				return err
			}
		}
		if err := authenticator.CountMail(ctx, w, i.ID); err != nil {
			return err
		}
		if id, secret, err = flows.Start(ctx, w, s); err != nil {
			return err
		}
		return w.Record(ctx, audit.Event{Kind: eventCodeMailed, Subject: identity.Ref(i.UUID), After: map[string]any{"invitation": i.ID, "mailed": s.Code != nil}})
	})
	return id, secret, err
}

type flowKey struct{}

func (p *Pages) underWay() web.Guard {
	return web.Guard{Name: "the browser of this binding", Check: func(_ http.ResponseWriter, r *http.Request) (*http.Request, error) {
		f, err := p.load(r)
		if errors.Is(err, fault.Expired) {
			return nil, over
		}
		if err != nil {
			return nil, err
		}
		return r.WithContext(context.WithValue(r.Context(), flowKey{}, f)), nil
	}}
}

// over are the words for a binding that took too long or belongs to another browser.
var over = words.Fault(fault.Expired, "binding-over")

func (p *Pages) load(r *http.Request) (f session.Flow[state], err error) {
	id, secret := session.Split(web.Cookie(r, cookie))
	if id != r.PathValue("flow") {
		return f, fault.Expired
	}
	err = p.DB.View(r.Context(), func(dr db.R) error {
		if f, err = flows.Load(r.Context(), dr, id, secret); err != nil {
			return err
		}
		_, err = authenticator.InvitationByID(r.Context(), dr, f.State.Invitation)
		return err
	})
	return f, err
}

func flowOf(r *http.Request) session.Flow[state] {
	f, _ := r.Context().Value(flowKey{}).(session.Flow[state]) // the guard put it there
	return f
}

func (p *Pages) save(r *http.Request, f session.Flow[state]) error {
	return p.DB.Keep(r.Context(), func(k *db.K) error { return flows.Save(r.Context(), k, &f) })
}

func onward(w http.ResponseWriter, r *http.Request, f session.Flow[state]) error {
	return web.SeeOther(w, r, stepsPath+f.ID, "")
}

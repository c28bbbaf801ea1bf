// Package mine is the pages about a browser's own sign-ins: where am I signed in, sign out, and the
// question that a service's sign-out asks first.
package mine

import (
	"context"
	"errors"
	"net/http"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/provider"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
)

// Pages are the pages.
type Pages struct {
	DB       *db.DB
	Provider *provider.Provider
	Frame    frame.Frame
}

// Mount adds the pages to a site.
func (p *Pages) Mount(s *web.Site) {
	s.Handle("GET /{$}", web.Anyone, p.start)
	s.Handle("GET /my-sessions", p.signedIn(), p.list)
	s.Handle("POST /my-sessions/{id}/end", p.signedIn(), p.endOne)
	s.Handle("POST /my-sessions/sign-out", p.signedIn(), p.signOut)
	s.Handle("GET "+provider.SignOutPath+"{id}", web.Anyone, p.ask)
	s.Handle("POST "+provider.SignOutPath+"{id}", web.Anyone, p.confirm)
	s.Handle("GET /signed-out", web.Anyone, p.signedOut)
}

type sessionKey struct{}

var errNotSignedIn = fault.SayCure(fault.Unauthenticated, "You are not signed in with your Care Identity in this browser.",
	"Sign in to a service with your Care Identity, then come back to this page.")

func (p *Pages) signedIn() web.Guard {
	return web.Guard{Name: "signed in", Check: func(_ http.ResponseWriter, r *http.Request) (*http.Request, error) {
		s, err := p.Provider.Session(r.Context(), web.Cookie(r, provider.SSOCookie))
		if errors.Is(err, fault.Unauthenticated) {
			return nil, errNotSignedIn
		}
		if err != nil {
			return nil, err
		}
		web.WithActor(r, actor.Actor{Kind: actor.Person, ID: s.Subject})
		return r.WithContext(context.WithValue(r.Context(), sessionKey{}, s)), nil
	}}
}

func sessionOf(r *http.Request) provider.Session {
	s, _ := r.Context().Value(sessionKey{}).(provider.Session) // the guard put it there
	return s
}

func (p *Pages) start(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, startPage(p.Frame.Page("")))
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	own := sessionOf(r)
	v := listView{Page: p.Frame.Page("Where am I signed in?")}
	v.Page.Flash = web.Flash(w, r)
	err := p.DB.View(r.Context(), func(dr db.R) error {
		sessions, err := p.Provider.SessionsOf(r.Context(), dr, own.Subject)
		if err != nil {
			return err
		}
		for _, s := range sessions {
			one, err := viewOf(r.Context(), dr, s)
			if err != nil {
				return err
			}
			one.Own = s.ID == own.ID
			v.Sessions = append(v.Sessions, one)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return web.Show(w, r, http.StatusOK, listPage(v))
}

func viewOf(ctx context.Context, r db.R, s provider.Session) (sessionView, error) {
	v := sessionView{ID: s.ID, Begun: said(s.Begun), Used: said(s.Used)}
	a, err := authenticator.ByID(ctx, r, s.State.Proven.AuthenticatorID)
	if err != nil {
		return v, err
	}
	v.Authenticator = a.Name
	if a.Name != a.Kind.Label() {
		v.Authenticator += " (" + a.Kind.Label() + ")"
	}
	services, err := backchannel.Visited(ctx, r, s.SID)
	for _, c := range services {
		v.Services = append(v.Services, c.Name)
	}
	return v, err
}

func (p *Pages) endOne(w http.ResponseWriter, r *http.Request) error {
	own := sessionOf(r)
	id := r.PathValue("id")
	if err := p.Provider.EndOwn(r.Context(), web.Actor(r), own.Subject, id); err != nil {
		return err
	}
	if id == own.ID {
		web.ClearCookie(w, provider.SSOCookie)
		return web.SeeOther(w, r, "/signed-out", "")
	}
	return web.SeeOther(w, r, "/my-sessions", "That sign-in has been ended.")
}

func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.Provider.EndCookie(r.Context(), web.Actor(r), web.Cookie(r, provider.SSOCookie)); err != nil {
		return err
	}
	web.ClearCookie(w, provider.SSOCookie)
	return web.SeeOther(w, r, "/signed-out", "")
}

// ask shows the question before a service's sign-out.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	s, err := p.Provider.LoadSignOut(r, id)
	if err != nil {
		return err
	}
	if s.Origin != "" {
		web.FormsLeadTo(w, s.Origin)
	}
	return web.Show(w, r, http.StatusOK, askPage(askView{Page: p.Frame.Page("Sign out of Care Identity"), Here: provider.SignOutPath + id, Service: s.ClientName}))
}

func (p *Pages) confirm(w http.ResponseWriter, r *http.Request) error {
	to, err := p.Provider.ConfirmSignOut(r, web.Actor(r), r.PathValue("id"), web.Cookie(r, provider.SSOCookie))
	if err != nil {
		return err
	}
	web.ClearCookie(w, provider.SSOCookie)
	if to == "" {
		return web.SeeOther(w, r, "/signed-out", "")
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (p *Pages) signedOut(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, signedOutPage(p.Frame.Page("You are signed out")))
}

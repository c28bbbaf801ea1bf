// Package mine serves the pages about people's own sign-ins: where they are signed in, how they sign out, and the
// question that is asked before a service signs them out.
package mine

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/login/frame"
	"signpost/internal/careid/login/words"
	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/session"
	"signpost/internal/national/path"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/nhsuk"
)

// Pages serves the pages.
type Pages struct {
	DB       *db.DB
	Sessions *session.Sessions
	Frame    frame.Frame
}

// Mount adds the pages to a site.
func (p *Pages) Mount(s *web.Site) {
	s.Handle("GET /{$}", web.Anyone, p.start)
	s.Handle("GET "+path.SessionsPage, p.signedIn(), p.list)
	endForm.Handle(s, p.signedIn(), p.endOne)
	endOthersForm.Handle(s, p.signedIn(), p.endOthers)
	ownSignOutForm.Handle(s, p.signedIn(), p.signOut)
	s.Handle("GET "+session.SignOutPath+"{id}", p.maybeSignedIn(), web.NotHead(p.ask))
	signOutForm.Handle(s, p.maybeSignedIn(), p.confirm)
	s.Handle("GET "+authorPath, p.maybeSignedIn(), p.anotherAuthor)
	s.Handle("GET "+signedOutPath, web.Once(web.Anyone), p.signedOut)
}

// The forms of these pages are buttons.
var (
	endForm        = form.Form{Path: "/my-sessions/{id}/end", At: path.SessionsPage}
	endOthersForm  = form.Form{Path: "/my-sessions/end-others", At: path.SessionsPage}
	ownSignOutForm = form.Form{Path: "/my-sessions/sign-out", At: path.SessionsPage}
	signOutForm    = form.Form{Path: session.SignOutPath + "{id}"}
)

// signedOutPath is the page that says, once, that somebody is logged out.
const signedOutPath = "/signed-out"

type sessionKey struct{}

var (
	errNotSignedIn = words.Fault(fault.Unauthenticated, "not-signed-in")
	errSignOutOver = words.Fault(fault.Expired, "sign-out-over")
)

// signedIn lets only people through who are logged in. The others are told why they are not, once.
func (p *Pages) signedIn() web.Guard {
	return web.Guard{Name: "signed in", Check: func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
		identified, err := p.identify(r)
		if errors.Is(err, fault.Unauthenticated) {
			return nil, p.over(w, r)
		}
		return identified, err
	}}
}

// maybeSignedIn lets everybody through, and finds who is logged in.
func (p *Pages) maybeSignedIn() web.Guard {
	return web.Guard{Name: "anyone", Check: func(_ http.ResponseWriter, r *http.Request) (*http.Request, error) {
		identified, err := p.identify(r)
		if errors.Is(err, fault.Unauthenticated) {
			return r, nil
		}
		return identified, err
	}}
}

// identify gives the request with the session of its browser.
func (p *Pages) identify(r *http.Request) (*http.Request, error) {
	s, err := p.Sessions.Find(r.Context(), web.Cookie(r, session.Cookie))
	if err != nil {
		return r, err
	}
	owner, err := db.Read(r.Context(), p.DB, func(dr db.R) (identity.Identity, error) {
		return identity.ByUUID(r.Context(), dr, s.Subject)
	})
	if err != nil {
		return r, err
	}
	web.WithActor(r, actor.Actor{Kind: actor.Person, ID: s.Subject, Name: owner.DisplayName()})
	return r.WithContext(context.WithValue(r.Context(), sessionKey{}, s)), nil
}

// clearCookie removes the session's cookie from the browser, and what was filled into forms that came back.
func clearCookie(w http.ResponseWriter, r *http.Request) {
	web.ClearSession(w, session.Cookie)
	web.ForgetEntries(w, r)
}

// sessionOf gives the session of a request that signedIn let through.
func sessionOf(r *http.Request) session.Session {
	s, _ := r.Context().Value(sessionKey{}).(session.Session) // the guard put it there
	return s
}

func (p *Pages) plain(r *http.Request, title words.Key) plainView {
	l := p.Frame.Language(r)
	return plainView{Language: l, Page: p.Frame.Page(l, l.Say(title))}
}

func (p *Pages) start(w http.ResponseWriter, r *http.Request) error {
	v := p.plain(r, "frame.site")
	v.Page.Title = "" // the title is the site's name alone
	return web.Show(w, r, http.StatusOK, startPage(v))
}

func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	own := sessionOf(r)
	l := p.Frame.Language(r)
	v := listView{Language: l, Page: p.Frame.Page(l, l.Say("sessions.title")), EndOthers: endOthersForm.New(r)}
	v.Page.Flash = web.Flash(w, r)
	sessions, err := db.Read(r.Context(), p.DB, func(dr db.R) ([]sessionView, error) {
		return p.sessionViews(r, dr, l, own)
	})
	if err != nil {
		return err
	}
	v.Sessions = sessions
	v.Others = len(sessions) > 1
	return web.Show(w, r, http.StatusOK, listPage(v))
}

// sessionViews lists the sessions of a session's owner, that session first.
func (p *Pages) sessionViews(r *http.Request, dr db.R, l words.Language, own session.Session) ([]sessionView, error) {
	sessions, err := p.Sessions.Of(r.Context(), dr, own.Subject)
	if err != nil {
		return nil, err
	}
	var ids, sids []string
	for _, s := range sessions {
		ids = append(ids, s.State.Proven.AuthenticatorID)
		sids = append(sids, s.SID)
	}
	authenticators, err := authenticator.ByIDs(r.Context(), dr, ids)
	if err != nil {
		return nil, err
	}
	visited, err := backchannel.Visited(r.Context(), dr, sids)
	if err != nil {
		return nil, err
	}
	var views []sessionView
	for _, s := range sessions {
		view := viewOf(l, s, authenticators[s.State.Proven.AuthenticatorID], visited[s.SID])
		if s.ID == own.ID {
			view.Own = true
			view.Title = l.Say("sessions.here")
		}
		view.End = endForm.New(r, "id", s.ID)
		place := len(views)
		if view.Own {
			place = 0
		}
		views = slices.Insert(views, place, view)
	}
	return views, nil
}

func viewOf(
	l words.Language, s session.Session, with authenticator.Authenticator, visited []client.Client,
) sessionView {
	v := sessionView{Title: l.Say("sessions.there")}
	var services []string
	for _, c := range visited {
		services = append(services, c.Name)
	}
	v.Rows = []nhsuk.SummaryListRow{
		{Key: l.Say("sessions.since"), Value: l.When(s.Begun)},
		{Key: l.Say("sessions.used"), Value: l.When(s.Used)},
		{Key: l.Say("sessions.with"), Value: l.Named(with.Name, with.Kind)},
	}
	if s.State.Browser != "" {
		v.Rows = append(v.Rows, nhsuk.SummaryListRow{Key: l.Say("sessions.browser"), Value: s.State.Browser})
	}
	v.Rows = append(v.Rows, nhsuk.SummaryListRow{
		Key:   l.Say("sessions.services"),
		Value: cmp.Or(strings.Join(services, ", "), l.Say("sessions.no_service")),
	})
	return v
}

func (p *Pages) endOne(w http.ResponseWriter, r *http.Request) error {
	own := sessionOf(r)
	id := r.PathValue("id")
	if err := p.Sessions.EndOwn(r.Context(), web.Actor(r), own.Subject, id); err != nil {
		return err
	}
	if id == own.ID {
		clearCookie(w, r)
		return web.SeeOnce(w, r, signedOutPath)
	}
	return web.SeeOther(w, r, path.SessionsPage, p.Frame.Language(r).Say("sessions.ended"))
}

func (p *Pages) endOthers(w http.ResponseWriter, r *http.Request) error {
	own := sessionOf(r)
	if err := p.Sessions.EndOthers(r.Context(), web.Actor(r), own.Subject, own.ID); err != nil {
		return err
	}
	return web.SeeOther(w, r, path.SessionsPage, p.Frame.Language(r).Say("sessions.ended_others"))
}

func (p *Pages) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.Sessions.EndCookie(r.Context(), web.Actor(r), web.Cookie(r, session.Cookie)); err != nil {
		return err
	}
	clearCookie(w, r)
	return web.SeeOnce(w, r, signedOutPath)
}

// staying has the reasons why somebody who logs out does not go back to the service.
var staying = map[session.Problem]words.Key{
	session.HintUnusable: "sign_out.stays_hint",
	session.HintMissing:  "sign_out.stays_none",
	session.NotHere:      "sign_out.stays_address",
}

// ask shows the question that is asked before a service signs people out, or signs them out where none is needed.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	s, err := p.Sessions.LoadSignOut(r, r.PathValue("id"), web.Cookie(r, session.Cookie))
	if errors.Is(err, fault.Expired) {
		return errSignOutOver
	}
	if err != nil {
		return err
	}
	if !s.Asks {
		return p.confirm(w, r)
	}
	l := p.Frame.Language(r)
	v := askView{
		Language: l, Page: p.Frame.Page(l, l.Say("sign_out.title")), Form: signOutForm.New(r), Service: s.ClientName,
	}
	if reason, stays := staying[s.Stays]; stays {
		v.Stays = l.Say(reason)
	}
	return web.Show(w, r, http.StatusOK, askPage(v))
}

func (p *Pages) confirm(w http.ResponseWriter, r *http.Request) error {
	to, err := p.Sessions.ConfirmSignOut(r, web.Actor(r), r.PathValue("id"), web.Cookie(r, session.Cookie))
	if errors.Is(err, fault.Expired) {
		return errSignOutOver
	}
	if err != nil {
		return err
	}
	clearCookie(w, r)
	if to == "" {
		return web.SeeOnce(w, r, signedOutPath)
	}
	if r.Method == http.MethodGet {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	return p.Frame.GoTo(w, r, to)
}

func (p *Pages) signedOut(w http.ResponseWriter, r *http.Request) error {
	return web.Show(w, r, http.StatusOK, signedOutPage(p.plain(r, "signed_out.title")))
}

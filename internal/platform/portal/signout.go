package portal

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/random"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/form"
	"signpost/internal/platform/web/page"
)

// signOutForm logs the user out: of the site alone, or of everything if its field says so.
var signOutForm = form.Form{Path: "/sign-out", Fields: []form.Field{form.Hidden(scopeField)}}

const (
	scopeField = "from"
	everything = "everything"

	signedOutPath = "/signed-out"
)

// askSignOut asks what the user wants to log out of.
func (p *Portal[S, P]) askSignOut(w http.ResponseWriter, r *http.Request) error {
	v := signOutView{
		Page: p.Frame(w, r, "Log out"), Name: web.Actor(r).Name, Called: p.InSentence, AtCIS2: p.hasHint(r),
		Form: signOutForm.New(r),
	}
	return web.Show(w, r, http.StatusOK, signOutPage(v))
}

// departure is what a page says after somebody logged out.
type departure struct {
	Name  string `json:"name"` // of the user
	Scope scope  `json:"scope"`
}

// scope is what somebody logged out of.
type scope string

const (
	fromAll        scope = everything   // the site, CIS2, and what CIS2 tells
	fromSite       scope = "site"       // the site alone, where nobody signed in at CIS2
	fromSiteOnly   scope = "site-only"  // the site; at CIS2 the user stays logged in, by choice
	fromUnanswered scope = "unanswered" // the site; CIS2 could not be asked
)

// departureLife is how long a browser may take to come back from CIS2.
const departureLife = 15 * time.Minute

// departures are kept until their page has been shown, each bound to its browser by a cookie with its state.
func (p *Portal[S, P]) departures() session.Flows[departure] {
	return session.Flows[departure]{Name: p.Name + ".sign-out", Life: departureLife}
}

func (p *Portal[S, P]) departureCookies() web.Cookies {
	return web.Cookies{Name: p.Name + "-sign-out", Seconds: int(departureLife / time.Second)}
}

// signOut ends the user's session here, and then sends the browser to CIS2 if the user logs out of everything. Whoever
// comes back from there has no session at CIS2 any more.
func (p *Portal[S, P]) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.endCurrent(w, r); err != nil {
		return err
	}
	gone := departure{Name: web.Actor(r).Name, Scope: fromSite}
	switch {
	case !p.hasHint(r):
		return p.showDeparture(w, r, gone)
	case signOutForm.Read(r).Value(scopeField) != everything:
		gone.Scope = fromSiteOnly
		return p.showDeparture(w, r, gone)
	}
	return p.leaveAll(w, r, gone)
}

// leaveAll sends the browser to CIS2, for the session there to end too.
func (p *Portal[S, P]) leaveAll(w http.ResponseWriter, r *http.Request, gone departure) error {
	idToken, err := p.dropHint(w, r)
	if err != nil {
		return err
	}
	state := random.Secret()
	to, err := p.CIS2.LogoutURL(r.Context(), idToken, state)
	if err != nil {
		gone.Scope = fromUnanswered
		return p.showDeparture(w, r, gone)
	}
	gone.Scope = fromAll
	if err := p.keepDeparture(w, r, state, gone); err != nil {
		return err
	}
	return p.leave(w, r, to)
}

// endCurrent ends the user's session, and what else was in progress on the browser.
func (p *Portal[S, P]) endCurrent(w http.ResponseWriter, r *http.Request) error {
	ended := currentOf[S, P](r).session
	err := p.DB.Update(r.Context(), web.Actor(r), func(u *db.W) error {
		if _, err := p.Sessions.End(r.Context(), u, ended.ID); err != nil {
			return fmt.Errorf("sign out: %w", err)
		}
		return u.Record(r.Context(), audit.Event{Kind: p.Events.SignedOut, Subject: p.Ref(ended.Subject)})
	})
	if err != nil {
		return err
	}
	if err := p.Held.Drop(w, r, ended.Subject); err != nil {
		return err
	}
	p.endFlows(w)
	p.ClearCookie(w)
	web.SetCookie(w, p.loggedOutCookie(), "1", int(p.Sessions.Max.Seconds()))
	return nil
}

func (p *Portal[S, P]) showDeparture(w http.ResponseWriter, r *http.Request, gone departure) error {
	state := random.Secret()
	if err := p.keepDeparture(w, r, state, gone); err != nil {
		return err
	}
	return web.SeeOther(w, r, signedOutPath+"?"+url.Values{"state": {state}}.Encode(), "")
}

func (p *Portal[S, P]) keepDeparture(w http.ResponseWriter, r *http.Request, state string, gone departure) error {
	cookie, err := db.Keep(r.Context(), p.DB, func(k *db.K) (string, error) {
		id, secret, err := p.departures().Start(r.Context(), k, gone)
		return session.Cookie(id, secret), err
	})
	if err != nil {
		return err
	}
	p.departureCookies().Set(w, r, state, cookie)
	return nil
}

// signedOut says once, to the browser on which somebody logged out, what was ended. Whoever else comes goes to the
// start page, as nothing happened to them.
func (p *Portal[S, P]) signedOut(w http.ResponseWriter, r *http.Request) error {
	state := r.URL.Query().Get("state")
	id, secret := session.Split(p.departureCookies().Get(r, state))
	gone, err := db.Keep(r.Context(), p.DB, func(k *db.K) (session.Flow[departure], error) {
		return p.departures().Take(r.Context(), k, id, secret)
	})
	if errors.Is(err, fault.Expired) {
		return web.Redirect{To: "/"}
	}
	if err != nil {
		return err
	}
	p.departureCookies().Clear(w, state)
	v := signedOutView{
		Page: p.Frame(w, r, "You are logged out"), Called: p.InSentence, Name: gone.State.Name, Scope: gone.State.Scope,
		Links: []page.Link{{Text: "Log in again", Href: "/"}},
	}
	if to, err := p.CIS2.LogoutURL(r.Context(), "", ""); v.Scope == fromSiteOnly && err == nil {
		v.Links = append(v.Links, page.Link{Text: "Log out of everything on this computer", Href: to})
	}
	return web.Show(w, r, http.StatusOK, signedOutPage(v))
}

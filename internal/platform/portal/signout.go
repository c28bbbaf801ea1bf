package portal

import (
	"encoding/hex"
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

// SignedOutPath is the path to which CIS2 sends the browser back when the session there has ended.
const SignedOutPath = "/signed-out"

const (
	scopeField = "from"
	everything = "everything"

	leavePath = "/sign-out/leave" // from where the browser goes on to CIS2
)

// askSignOut asks what the user wants to log out of.
func (p *Portal[S, P]) askSignOut(w http.ResponseWriter, r *http.Request) error {
	v := signOutView{
		Page: p.Frame(w, r, "Log out"), Name: web.Actor(r).Name, Called: p.InSentence, AtCIS2: p.hasHint(r),
		Form: signOutForm.New(r),
	}
	return web.Show(w, r, http.StatusOK, signOutPage(v))
}

// departure holds what a page says after somebody logged out.
type departure struct {
	Name  string `json:"name"` // of the user
	Scope scope  `json:"scope"`
	State string `json:"state"`
	Hint  hint   `json:"hint"` // with which CIS2 is asked, if it is
}

// scope says what somebody logged out of.
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

// leaving lets users through who are logged in. A second click on "Log out" comes without a session: it goes where the
// first one went, as the browser shows only the answer to the last.
func (p *Portal[S, P]) leaving() web.Guard {
	return web.Guard{Name: "signed in", Check: func(w http.ResponseWriter, r *http.Request) (*http.Request, error) {
		identified, err := p.identify(r)
		if err == nil {
			return identified, nil
		}
		if !errors.Is(err, fault.Unauthenticated) {
			return nil, err
		}
		id, secret := p.departureOf(p.Cookie(r))
		gone, err := db.Read(r.Context(), p.DB, func(read db.R) (session.Flow[departure], error) {
			return p.departures().Load(r.Context(), read, id, secret)
		})
		if errors.Is(err, fault.Expired) {
			return nil, p.interrupt(w, r)
		}
		if err != nil {
			return nil, err
		}
		return nil, p.depart(w, r, p.Cookie(r), gone.State)
	}}
}

// signOut ends the user's session here, and then sends the browser to CIS2 if the user logs out of everything. Whoever
// comes back from there has no session at CIS2 any more.
func (p *Portal[S, P]) signOut(w http.ResponseWriter, r *http.Request) error {
	if err := p.endCurrent(w, r); err != nil {
		return err
	}
	gone := departure{Name: web.Actor(r).Name, Scope: fromSite, State: random.Secret()}
	if p.hasHint(r) {
		gone.Scope = fromSiteOnly
	}
	if gone.Scope == fromSiteOnly && signOutForm.Read(r).Value(scopeField) == everything {
		gone.Scope = p.scopeOfAll(r)
		kept, err := p.dropHint(w, r)
		if err != nil {
			return err
		}
		gone.Hint = kept
	}
	id, secret := p.departureOf(p.Cookie(r))
	err := p.DB.Keep(r.Context(), func(k *db.K) error {
		return p.departures().Replace(r.Context(), k, id, secret, gone)
	})
	if err != nil {
		return err
	}
	return p.depart(w, r, p.Cookie(r), gone)
}

// departureOf gives the id and the secret of the departure of a browser that had a cookie.
func (p *Portal[S, P]) departureOf(cookie string) (id, secret string) {
	key := hex.EncodeToString(p.Box.Digest("sign-out/" + p.Name + "/" + cookie))
	half := len(key) / 2
	return "out-" + key[:half], key[half:]
}

// depart sends the browser that had a cookie on after a logout: to CIS2, or to the page that says what was ended.
func (p *Portal[S, P]) depart(w http.ResponseWriter, r *http.Request, cookie string, gone departure) error {
	p.departureCookies().Set(w, r, gone.State, session.Cookie(p.departureOf(cookie)))
	to := SignedOutPath
	if gone.Scope == fromAll {
		to = leavePath
	}
	return web.Redirect{To: to + "?" + url.Values{"state": {gone.State}}.Encode()}
}

// leaveAll shows the page from which the browser goes to CIS2, for the session there to end too. The ID token is
// posted.
func (p *Portal[S, P]) leaveAll(w http.ResponseWriter, r *http.Request) error {
	id, secret := session.Split(p.departureCookies().Get(r, r.URL.Query().Get("state")))
	gone, err := db.Read(r.Context(), p.DB, func(read db.R) (session.Flow[departure], error) {
		return p.departures().Load(r.Context(), read, id, secret)
	})
	if errors.Is(err, fault.Expired) {
		return web.Redirect{To: "/"}
	}
	if err != nil {
		return err
	}
	idToken, err := p.openHint(gone.State.Hint)
	if err != nil {
		return err
	}
	to, fields, err := p.CIS2.LogoutForm(r.Context(), idToken, gone.State.State)
	if err != nil {
		return withWords(err)
	}
	web.FormLeadsAnywhere(w)
	shown := page.OnwardPost(p.plainPage(r, "Logging out of your Care Identity"),
		"If nothing happens, press the button. You are not logged out of your Care Identity before that.",
		"Log out of my Care Identity", to, fields)
	return web.Show(w, r, http.StatusOK, shown)
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
	p.ClearCookie(w, r)
	web.SetCookie(w, p.loggedOutCookie(), "1", int(p.Sessions.Max.Seconds()))
	return nil
}

// leftNote names the note for the page after a logout, which is kept until the page was shown.
const leftNote = "left"

// left is that note.
type left struct {
	Name  string `json:"name"`
	Scope scope  `json:"scope"`
}

// signedOut says once, to the browser on which somebody logged out, what was ended. Whoever else comes goes to the
// start page, as nothing happened to them. With the state of a logout, which CIS2 sends back, it leads to the same page
// without, so that the address says nothing of it.
func (p *Portal[S, P]) signedOut(w http.ResponseWriter, r *http.Request) error {
	if state := r.URL.Query().Get("state"); state != "" {
		return p.arriveSignedOut(w, r, state)
	}
	var gone left
	if !web.TakeNote(w, r, leftNote, &gone) {
		return web.Redirect{To: "/"}
	}
	v := signedOutView{
		Page: p.Frame(w, r, "You are logged out"), Called: p.InSentence, Name: gone.Name, Scope: gone.Scope,
		Again: page.Link{Text: "Log in again", Href: "/"},
	}
	if v.Scope == fromSiteOnly && p.hasHint(r) && p.scopeOfAll(r) == fromAll {
		v.Rest = restForm.New(r).About(v.Name)
	}
	return web.Show(w, r, http.StatusOK, signedOutPage(v))
}

// arriveSignedOut takes the departure of a state. One that was taken already leads to the page all the same: of two
// clicks the browser follows the second, and the first may have left what the page says.
func (p *Portal[S, P]) arriveSignedOut(w http.ResponseWriter, r *http.Request, state string) error {
	id, secret := session.Split(p.departureCookies().Get(r, state))
	gone, err := db.Keep(r.Context(), p.DB, func(k *db.K) (session.Flow[departure], error) {
		return p.departures().Take(r.Context(), k, id, secret)
	})
	if errors.Is(err, fault.Expired) {
		return web.Redirect{To: SignedOutPath}
	}
	if err != nil {
		return err
	}
	p.departureCookies().Clear(w, state)
	if err := web.LeaveNote(w, r, leftNote, left{Name: gone.State.Name, Scope: gone.State.Scope}); err != nil {
		return err
	}
	return web.Redirect{To: SignedOutPath}
}

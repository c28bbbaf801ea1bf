// Package portal serves the sites that people enter through CIS2. It sends people to CIS2, reads who signed in there,
// keeps their session until they or CIS2 end it, and identifies the signed-in user on each request.
//
// It does not know who may enter, nor what they may do: the site decides that each time.
package portal

import (
	"context"
	"net/http"
	"time"

	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/held"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
	"signpost/internal/platform/web/page"
)

// Options describe a site. S is the state that it keeps in a session, and P is its type for the signed-in user.
type Options[S, P any] struct {
	Name        string // distinguishes its cookies, flows and held forms from those of other sites
	Title       string // as pages have it: "Directory of Services"
	InSentence  string // in a sentence: "the Directory of Services"
	AccountHref string // of the page about the signed-in user; empty if there is none
	Banner      page.Banner
	ServiceDesk page.Desk // how to reach it

	DB       *db.DB
	Box      *seal.Box
	CIS2     *CIS2
	Sessions session.Kind[S]
	Events   Events
	Ref      func(subject string) audit.Ref // identifies the user of a session in events

	// Endings are the site's own, beside those that all have.
	Endings Endings

	// Person gives the user of a session with the permissions that they have now, or fault.Unauthenticated if the
	// session is no longer valid, with words that say why and what to do next.
	Person func(ctx context.Context, r db.R, s session.Session[S]) (P, error)
	// Stands says whether the user of a session may stay, by what is known now where their rights come from: it gives
	// the reason for which the session ends, or none. It is asked when a session is used, at most once a minute, and
	// has a moment to find that out. A session of which nothing can be found out goes on. It is nil where Person knows
	// it all.
	Stands func(ctx context.Context, s session.Session[S]) (session.Reason, error)
	// NameAndRole gives the user's name, and the role they act in, for events.
	NameAndRole func(p P, state S) (name, role string)
	// Notice gives a strip that stands on every page that the user sees, such as that they can do more than usual; the
	// empty one for none. It is nil where there is never one.
	Notice func(p P, now time.Time) page.Banner
	// News gives the messages that stand on every page now for whoever makes a request; it is nil where there are none.
	News func(r *http.Request) []page.News
	// Help says who can help a user who may not do something: who can give one of the permissions that they lack, or,
	// if none is named, who looks after them. It is nil where that is never known.
	Help func(ctx context.Context, r db.R, p P, lacks []string) (page.Help, error)
	// Proved gives when the user of a session proved who they are; zero if that is not known.
	Proved func(state S) time.Time
	// ProveAt gives the path of the site's own page on which the user of a session proves who they are; empty if they
	// do so at CIS2, as all do if it is nil.
	ProveAt func(state S) string
	// Subject gives the user here who is a certain subject at CIS2; empty if there is none.
	Subject func(ctx context.Context, r db.R, issuer, subject string) (string, error)
	// Active reports whether somebody who has or had a session may still log in.
	Active func(ctx context.Context, r db.R, subject string) (bool, error)
	// Flows are the cookies of anything in progress on a browser that must end with a sign-in or a sign-out.
	Flows []string
}

// Events are the kinds of events that a site records about its sessions.
type Events struct {
	SignedOut      audit.Kind // somebody signed out
	ProviderLogout audit.Kind // a session ended at CIS2
	LogoutReplayed audit.Kind // a logout token was sent a second time
	RightsEnded    audit.Kind // a session ended, as what it rests on did; where the site has Stands
}

// KeysPath is where a site publishes the keys by which it proves itself at CIS2.
const KeysPath = "/.well-known/jwks.json"

// Sessions stores the sessions of a site. They end after 15 minutes without use and after 12 hours in any case, as
// CIS2 requires of a relying party (conformance Ses 005 and Ses 007).
func Sessions[S any](name string) session.Kind[S] {
	return session.Kind[S]{Site: name, Idle: 15 * time.Minute, Max: 12 * time.Hour}
}

// Portal serves one such site.
type Portal[S, P any] struct {
	Options[S, P]
	Held held.Posts
	// Frame gives the frame around a page of the site: Page, unless the site adds to it.
	Frame func(w http.ResponseWriter, r *http.Request, title string) page.Params

	crowd session.Crowd // of those who are on their way through CIS2
}

// New makes the portal of a site.
func New[S, P any](o Options[S, P]) *Portal[S, P] {
	p := &Portal[S, P]{Options: o, Held: held.Posts{DB: o.DB, Box: o.Box, Site: o.Name, Active: o.Active}}
	p.Frame = p.Page
	return p
}

// Mount adds the routes that every such site has. Call it after the site has added its own pages.
func (p *Portal[S, P]) Mount(s *web.Site) {
	s.Handle("GET "+signOutForm.Path, p.SignedIn(), p.askSignOut)
	s.HandlePost(signOutForm.Path, signOutForm.Path, p.leaving(), p.signOut)
	s.HandlePost(restForm.Path, restForm.At, p.MaybeSignedIn(), p.signOutOfRest)
	s.Handle("GET "+leavePath, web.Anyone, p.leaveAll)
	p.HandleForm(s, cancelForm, p.MaybeSignedIn(), p.cancel)
	s.Handle("GET "+authorPath, p.SignedIn(), p.anotherAuthor)
	s.Handle("GET "+SignedOutPath, web.Anyone, web.NotHead(p.signedOut))
	s.HandleCalls("POST "+LogoutPath, web.Anyone, p.providerLogout)
	s.HandleCalls("GET "+KeysPath, web.Anyone, p.keys)
	p.Held.Mount(s, held.Site{
		SignedIn: p.SignedIn(), Page: p.Frame, Left: p.timeLeft,
	})
}

// keys shows the public keys with which CIS2 checks the site's signatures.
func (p *Portal[S, P]) keys(w http.ResponseWriter, _ *http.Request) error {
	return web.JSON(w, http.StatusOK, p.CIS2.JWKS())
}

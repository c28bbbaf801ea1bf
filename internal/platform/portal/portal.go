// Package portal is what a site has that people enter through CIS2: it sends them there, takes what comes
// back as a person whom CIS2 vouches for, keeps their session until they or CIS2 end it, and knows on each
// request who is signed in.
//
// It does not know who may come in, nor what they may do: the site says, each time anew.
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

// Options are what a site says of itself. S is what it keeps in a session, and P is who is signed in, as the
// site knows them.
type Options[S, P any] struct {
	Name        string // tells its cookies, flows and held forms from another site's
	Title       string // as pages have it: "Directory of Services"
	InSentence  string // in a sentence: "the Directory of Services"
	AccountHref string // of the page about whoever is signed in; empty where there is none
	Banner      page.Banner

	DB       *db.DB
	Box      *seal.Box
	CIS2     *CIS2
	Origin   string // to which forms lead that begin a sign-in
	Sessions session.Kind[S]
	Events   Events
	Ref      func(subject string) audit.Ref // names whose session it is in events

	// Person gives whose a session is, as things stand now, with what they may do; fault.Unauthenticated if
	// it is no good any more.
	Person func(ctx context.Context, r db.R, s session.Session[S]) (P, error)
	// Naming gives the person's name, and the role they act in, for events.
	NameAndRole func(p P, state S) (name, role string)
	// Subject gives whose sessions here are those of a subject at CIS2; empty where nobody's are.
	Subject func(ctx context.Context, r db.R, issuer, subject string) (string, error)
	// Flows are the cookies of what may be under way on a browser that must not outlast a sign-in or a sign-out.
	Flows []string
}

// Events are the kinds of events that a site records of its sessions.
type Events struct {
	SignedOut      audit.Kind // somebody signed out
	ProviderLogout audit.Kind // a sign-in ended at CIS2
	LogoutReplayed audit.Kind // a logout token came again
}

// Sessions are those of a site: 15 minutes idle, 12 hours in all, as CIS2 asks of a relying party (conformance
// Ses 005 and Ses 007).
func Sessions[S any](name string) session.Kind[S] {
	return session.Kind[S]{Site: name, Idle: 15 * time.Minute, Max: 12 * time.Hour}
}

// Portal is one such site.
type Portal[S, P any] struct {
	Options[S, P]
	Held held.Posts
	// Frame is what stands around a page of the site; Page unless the site puts more there.
	Frame func(w http.ResponseWriter, r *http.Request, title string) page.Params
}

// New makes the portal of a site.
func New[S, P any](o Options[S, P]) *Portal[S, P] {
	p := &Portal[S, P]{Options: o, Held: held.Posts{DB: o.DB, Box: o.Box, Site: o.Name}}
	p.Frame = p.Page
	return p
}

// Mount adds to the site what every such site answers, once its own pages are there.
func (p *Portal[S, P]) Mount(s *web.Site) {
	s.Handle("POST /sign-out", p.SignedIn(), p.signOut)
	s.Handle("GET /signed-out", web.Anyone, p.signedOut)
	s.HandleCalls("POST "+LogoutPath, web.Anyone, p.providerLogout)
	s.Handle("GET /.well-known/jwks.json", web.Anyone, p.keys)
	p.Held.Mount(s, held.Site{
		SignedIn: p.SignedIn(), Page: p.Frame, Left: p.timeLeft,
		Subject: func(r *http.Request) string { return web.Actor(r).ID },
	})
}

// keys is the public keys by which CIS2 knows the site.
func (p *Portal[S, P]) keys(w http.ResponseWriter, _ *http.Request) error {
	return web.JSON(w, http.StatusOK, p.CIS2.JWKS())
}

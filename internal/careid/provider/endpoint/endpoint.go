// Package endpoint answers the programs that call the provider: it authenticates clients, exchanges codes for
// tokens, inspects and revokes access tokens, returns a person's claims, accepts pushed requests, and publishes the
// provider's addresses and keys.
//
// It shows no pages and knows no browser. Nobody signs in here.
package endpoint

import (
	"fmt"

	"golang.org/x/time/rate"

	"signpost/internal/careid/provider/key"
	"signpost/internal/careid/provider/request"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
)

// Options are the settings of the endpoints.
type Options struct {
	Issuer   string
	Path     string // of the issuer; the endpoints answer below it
	DB       *db.DB
	Box      *seal.Box
	Fetch    *fetch.Client
	Clock    clock.Clock
	Keys     *key.Ring
	Requests request.Reader
	Waiting  *session.Crowd // bounds the pushed requests that wait for their browser
}

// Endpoints serves the endpoints that programs call.
type Endpoints struct {
	o       Options
	pushed  session.Flows[request.Request]
	limits  eventLimits
	remotes remotes
}

// New makes the endpoints.
func New(o Options) *Endpoints {
	return &Endpoints{
		o:       o,
		pushed:  session.Flows[request.Request]{Name: "pushed request", Life: pushedLife},
		limits:  eventLimits{byClient: map[string]*rate.Limiter{}},
		remotes: remotes{fetch: o.Fetch, clock: o.Clock, byAddress: map[string]*jwt.Remote{}},
	}
}

// Mount adds the endpoints to the site that answers at the issuer's address.
func (e *Endpoints) Mount(s *web.Site) {
	s.HandleCalls("GET "+e.o.Path+cis2.DiscoveryPath, web.Anyone, e.serveDiscovery)
	s.HandleCalls("GET "+e.o.Path+cis2.KeysPath, web.Anyone, e.serveKeys)
	s.Begins("POST "+e.o.Path+cis2.PushedPath, nil)
	s.HandleCalls("POST "+e.o.Path+cis2.PushedPath, web.Anyone, e.authenticatedOnce(e.servePushed))
	s.HandleCalls("POST "+e.o.Path+cis2.TokenPath, web.Anyone, e.authenticated(e.serveToken))
	s.HandleCalls("POST "+e.o.Path+cis2.IntrospectPath, web.Anyone, e.authenticatedOnce(e.serveIntrospect))
	s.HandleCalls("POST "+e.o.Path+cis2.RevokePath, web.Anyone, e.authenticatedOnce(e.serveRevoke))
	s.HandleCalls("GET "+e.o.Path+cis2.UserInfoPath, web.Anyone, e.serveUserInfo)
	s.HandleCalls("POST "+e.o.Path+cis2.UserInfoPath, web.Anyone, e.serveUserInfo)
}

// address returns the address of an endpoint.
func (e *Endpoints) address(path string) string { return e.o.Issuer + path }

// signing returns the key that signs with an algorithm. An empty algorithm means the ordinary one.
func (e *Endpoints) signing(a jwt.Algorithm) (jwt.Key, error) {
	k, found := e.o.Keys.For(a)
	if !found {
		return k, fmt.Errorf("no key signs with %q", a)
	}
	return k, nil
}

// Package endpoint answers the programs that call the provider: it says which client calls, exchanges its code
// for tokens, tells and revokes what an access token stands for, gives a person's claims, takes requests that
// are pushed, and publishes the provider's addresses and keys.
//
// It shows no pages and knows no browser; nobody signs in here.
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

// Options are what the endpoints are made with.
type Options struct {
	Issuer   string
	Path     string // of the issuer; the endpoints answer below it
	DB       *db.DB
	Box      *seal.Box
	Fetch    *fetch.Client
	Clock    clock.Clock
	Keys     *key.Ring
	Requests request.Reader
}

// Endpoints are those that programs call.
type Endpoints struct {
	o       Options
	pushed  session.Flows[request.Request]
	doubts  doubts
	remotes remotes
}

// New makes the endpoints.
func New(o Options) *Endpoints {
	return &Endpoints{
		o:       o,
		pushed:  session.Flows[request.Request]{Name: "pushed request", Life: pushedLife},
		doubts:  doubts{of: map[string]*rate.Limiter{}},
		remotes: remotes{fetch: o.Fetch, clock: o.Clock, at: map[string]*jwt.Remote{}},
	}
}

// Mount adds the endpoints to the site that answers at the issuer's address.
func (e *Endpoints) Mount(s *web.Site) {
	s.HandleCalls("GET "+e.o.Path+cis2.DiscoveryPath, web.Anyone, e.serveDiscovery)
	s.HandleCalls("GET "+e.o.Path+cis2.KeysPath, web.Anyone, e.serveKeys)
	s.HandleCalls("POST "+e.o.Path+cis2.PushedPath, web.Anyone, e.provedOnce(e.servePushed))
	s.HandleCalls("POST "+e.o.Path+cis2.TokenPath, web.Anyone, e.proved(e.serveToken))
	s.HandleCalls("POST "+e.o.Path+cis2.IntrospectPath, web.Anyone, e.provedOnce(e.serveIntrospect))
	s.HandleCalls("POST "+e.o.Path+cis2.RevokePath, web.Anyone, e.provedOnce(e.serveRevoke))
	s.HandleCalls("GET "+e.o.Path+cis2.UserInfoPath, web.Anyone, e.serveUserInfo)
	s.HandleCalls("POST "+e.o.Path+cis2.UserInfoPath, web.Anyone, e.serveUserInfo)
}

// address is where an endpoint answers.
func (e *Endpoints) address(path string) string { return e.o.Issuer + path }

// signing gives the key for an algorithm; none named is the one that every service gets.
func (e *Endpoints) signing(a jwt.Algorithm) (jwt.Key, error) {
	k, found := e.o.Keys.For(a)
	if !found {
		return k, fmt.Errorf("there is no %s key to sign with", a)
	}
	return k, nil
}

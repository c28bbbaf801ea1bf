// Package provider is CIS2 Authentication's OpenID Provider: it accepts a service's request to sign somebody in,
// decides the next step of the sign-in, and gives the service its code.
//
// A request is validated once and stored. After that only the stored request counts. Next, a pure function, decides
// the next step from a stored state. Each page gives its proof to this package and then asks for the next step. The
// package shows no pages itself and does not know how an authenticator is proved.
//
// Package endpoint has what programs call, session has the sessions, and code has the codes and tokens.
package provider

import (
	"fmt"
	"net/url"
	"time"

	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/endpoint"
	"signpost/internal/careid/provider/key"
	"signpost/internal/careid/provider/request"
	sso "signpost/internal/careid/provider/session"
	"signpost/internal/national/authn"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/session"
	"signpost/internal/platform/tries"
	"signpost/internal/platform/web"
)

// FlowLife is how long a sign-in under way waits for its next step.
const FlowLife = 15 * time.Minute

// Options are the settings of a provider.
type Options struct {
	Issuer string // as in tokens; it may contain the port even if that is the default one
	DB     *db.DB
	Box    *seal.Box
	Fetch  *fetch.Client
	Clock  clock.Clock
}

// Provider is one OpenID Provider. It serves browsers itself, and leaves the rest to the packages below it.
type Provider struct {
	o         Options
	path      string // of the issuer
	keys      *key.Ring
	ledger    *backchannel.Ledger
	requests  request.Reader
	sessions  *sso.Sessions
	endpoints *endpoint.Endpoints
	flows     session.Flows[State]
	crowd     session.Crowd
	pushed    *session.Crowd // requests that wait for their browser
	provable  []authn.Kind   // of authenticator
	onward    Onward
}

// Known remembers on browsers which authenticators were proved on them.
func (p *Provider) Known() tries.Known { return tries.Known{Box: p.o.Box, Name: "cis2-known"} }

// New makes a provider. It cannot sign anything before its Keys are loaded.
func New(o Options) (*Provider, error) {
	u, err := url.Parse(o.Issuer)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("issuer %q is not an address", o.Issuer)
	}
	keys := &key.Ring{DB: o.DB, Box: o.Box}
	requests := request.Reader{Issuer: o.Issuer, Keys: keys}
	pushed := &session.Crowd{}
	return &Provider{
		o: o, pushed: pushed, path: u.Path, keys: keys, requests: requests, sessions: sso.New(o.DB, requests),
		ledger: &backchannel.Ledger{Issuer: o.Issuer, DB: o.DB, Keys: keys, Fetch: o.Fetch, Clock: o.Clock},
		endpoints: endpoint.New(endpoint.Options{
			Issuer: o.Issuer, Path: u.Path, DB: o.DB, Box: o.Box, Fetch: o.Fetch, Clock: o.Clock,
			Keys: keys, Requests: requests, Waiting: pushed,
		}),
		flows: session.Flows[State]{Name: "sign-in", Life: FlowLife},
	}, nil
}

// Mount adds the provider to the site that answers at the issuer's address. provable are the kinds of authenticator
// that its pages can prove; onward shows the one page that is not a step of a sign-in.
func (p *Provider) Mount(s *web.Site, provable []authn.Kind, onward Onward) {
	p.provable = provable
	p.onward = onward
	p.endpoints.Mount(s)
	s.Begins("GET "+p.path+cis2.AuthorizePath, p.Known().Any)
	s.Begins("POST "+p.path+cis2.AuthorizePath, p.Known().Any)
	s.Handle("GET "+p.path+cis2.AuthorizePath, web.Anyone, web.NotHead(p.serveAuthorize))
	s.HandleFromAnywhere("POST "+p.path+cis2.AuthorizePath, web.Anyone, p.servePosted)
	s.Handle("GET "+p.path+cis2.EndSessionPath, web.Anyone, web.NotHead(p.sessions.ServeEndSession))
	s.HandleFromAnywhere("POST "+p.path+cis2.EndSessionPath, web.Anyone, p.sessions.ServeEndSession)
}

// Keys returns the provider's signing keys.
func (p *Provider) Keys() *key.Ring { return p.keys }

// Sessions returns the sessions of the people who are signed in.
func (p *Provider) Sessions() *sso.Sessions { return p.sessions }

// Issuer returns the provider's name in tokens.
func (p *Provider) Issuer() string { return p.o.Issuer }

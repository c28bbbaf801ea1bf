// Package provider is CIS2 Authentication's OpenID Provider: it takes a service's request to sign
// somebody in, says which step of the sign-in comes next, and gives the service its code, tokens and
// claims.
//
// A request is validated once and stored; from then on only what is stored counts. Next, a pure
// function, says what a stored state leads to; each page hands its proof to this package and asks
// again. It shows no pages itself and does not know how an authenticator is proved.
package provider

import (
	"fmt"
	"net/url"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"signpost/internal/careid/provider/backchannel"
	"signpost/internal/careid/provider/key"
	"signpost/internal/careid/provider/request"
	sso "signpost/internal/careid/provider/session"
	"signpost/internal/national/authn"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/seal"
	"signpost/internal/platform/session"
)

// Lifetimes. CIS2's own are in reference §4 and §8 where they are known.
const (
	FlowLife = 15 * time.Minute
	leeway   = time.Minute // by which a client's clock may differ from ours
)

// Options are what a provider is made with.
type Options struct {
	Issuer string // as tokens carry it; may name its port even where that is the usual one
	DB     *db.DB
	Box    *seal.Box
	Fetch  *fetch.Client
	Clock  clock.Clock
}

// Provider is one OpenID Provider.
type Provider struct {
	o        Options
	path     string // of the issuer
	keys     *key.Ring
	ledger   *backchannel.Ledger
	requests request.Reader
	sessions *sso.Sessions
	flows    session.Flows[State]
	pushed   session.Flows[request.Request]

	provable []authn.Kind // kinds of authenticator
	formPost FormPost
	doubts   doubts

	remotesMu sync.Mutex
	remotes   map[string]*jwt.Remote // clients' key sets by address
}

// New makes a provider. It can sign nothing until its Keys are loaded.
func New(o Options) (*Provider, error) {
	u, err := url.Parse(o.Issuer)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" {
		return nil, fmt.Errorf("issuer %q is not an address", o.Issuer)
	}
	keys := &key.Ring{DB: o.DB, Box: o.Box}
	requests := request.Reader{Issuer: o.Issuer, Keys: keys}
	return &Provider{
		o: o, path: u.Path, remotes: map[string]*jwt.Remote{}, keys: keys, doubts: doubts{of: map[string]*rate.Limiter{}},
		ledger:   &backchannel.Ledger{Issuer: o.Issuer, DB: o.DB, Keys: keys, Fetch: o.Fetch, Clock: o.Clock},
		flows:    session.Flows[State]{Name: "sign-in", Life: FlowLife},
		requests: requests, sessions: sso.New(o.DB, requests),
		pushed: session.Flows[request.Request]{Name: "pushed request", Life: pushedLife},
	}, nil
}

// Keys are the provider's signing keys.
func (p *Provider) Keys() *key.Ring { return p.keys }

// Sessions are the provider's own sessions: who is signed in.
func (p *Provider) Sessions() *sso.Sessions { return p.sessions }

// Issuer is the provider's name in tokens.
func (p *Provider) Issuer() string { return p.o.Issuer }

// address is where an endpoint answers.
func (p *Provider) address(endpoint string) string { return p.o.Issuer + endpoint }

// signing gives the key for an algorithm; none named is the one that every service gets.
func (p *Provider) signing(a jwt.Algorithm) (jwt.Key, error) {
	k, found := p.keys.For(a)
	if !found {
		return k, fmt.Errorf("there is no %s key to sign with", a)
	}
	return k, nil
}

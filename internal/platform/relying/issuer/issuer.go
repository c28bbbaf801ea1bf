// Package issuer provides a small OpenID Connect provider for testing relying parties: ours in tests, and others'
// with check-rp. It signs in the person that its script names without asking anything, and answers correctly unless
// the script alters an answer, to see whether the relying party refuses it. It uses the paths of CIS2 and behaves like
// CIS2 where that is known.
//
// It is not for signing people in.
package issuer

import (
	"net/http"
	"net/url"
	"sync"
	"time"

	"signpost/internal/national/cis2"
	"signpost/internal/platform/clock"
	"signpost/internal/platform/jwt"
)

// Script says how the issuer answers. A test may change it directly between sign-ins; while requests may be in
// progress, use Change.
type Script struct {
	Name   string  // its issuer name; its address unless changed
	Key    jwt.Key // signs its tokens
	Person Person  // the person who signs in next
	Alter  Alter   // changes to its answers
}

// Issuer is a provider.
type Issuer struct {
	Script
	// Strict refuses requests without PKCE, state or nonce, and clients that do not authenticate themselves.
	// Otherwise the issuer only notes the problem (Seen), to see how the client continues.
	Strict bool

	base    string
	clock   clock.Clock
	mu      sync.Mutex
	clients map[string]Client
	codes   map[string]grant
	access  map[string]grant
	used    map[string]bool // jti of assertions
	reads   map[string]int
	seen    []Seen
}

// Client is a relying party that the issuer knows.
type Client struct {
	ID          string
	RedirectURI string   // any if empty, unless Strict
	Keys        jwt.Keys // for private_key_jwt
	Secret      string   // for client_secret_post and client_secret_basic
}

// grant holds the request and the person that a code or an access token stands for.
type grant struct {
	request url.Values
	person  Person
}

// Alter changes answers. Each function that is set gets the correct answer to change.
type Alter struct {
	Metadata func(map[string]any)
	Keys     func(jwt.Set) any
	Callback func(map[string][]string)
	Token    func(map[string]any)                // the token endpoint's answer
	Refuse   string                              // the token endpoint's error
	IDToken  func(map[string]any)                // its claims
	Sign     func(typ string, claims any) string // in place of signing with Key
	UserInfo func(map[string]any)
	// AnyVerifier accepts a code with any PKCE verifier, as a provider without PKCE does.
	AnyVerifier bool
}

// Seen is one request to the issuer.
type Seen struct {
	What    string // "metadata", "keys", "authorize", "token" or "userinfo"
	At      time.Time
	Values  url.Values // the query, or the form for the token endpoint
	Bearer  string     // the access token in the header
	Problem string     // what is wrong with the client's authentication
	Refused string     // why the token endpoint gave no tokens; empty if it gave some
}

// New makes an issuer whose server is at address, which has no path; a port is kept as it is written. It signs its
// tokens with key. Ada signs in unless the script names somebody else.
func New(address string, key jwt.Key, c clock.Clock) *Issuer {
	return &Issuer{
		Script: Script{Name: address + cis2.Realm, Key: key, Person: Ada()},
		base:   address + cis2.Realm, clock: c, clients: map[string]Client{}, codes: map[string]grant{},
		access: map[string]grant{}, used: map[string]bool{}, reads: map[string]int{},
	}
}

// Handler serves the issuer's endpoints.
func (i *Issuer) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+cis2.Realm+cis2.DiscoveryPath, i.metadata)
	mux.HandleFunc("GET "+cis2.Realm+cis2.KeysPath, i.keys)
	mux.HandleFunc("GET "+cis2.Realm+cis2.AuthorizePath, i.authorize)
	mux.HandleFunc("POST "+cis2.Realm+cis2.TokenPath, i.token)
	mux.HandleFunc("GET "+cis2.Realm+cis2.UserInfoPath, i.userInfo)
	return mux
}

// Address gives the address of its endpoints. It is the same as Name unless that was changed.
func (i *Issuer) Address() string { return i.base }

// DiscoveryURL gives the address of its metadata.
func (i *Issuer) DiscoveryURL() string { return i.base + cis2.DiscoveryPath }

// Register makes a client known.
func (i *Issuer) Register(c Client) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.clients[c.ID] = c
}

// Change changes the script safely while requests may be in progress.
func (i *Issuer) Change(change func(*Script)) {
	i.mu.Lock()
	defer i.mu.Unlock()
	change(&i.Script)
}

// Forget makes every access token that was given worthless, as the end of the sign-ins at a provider does.
func (i *Issuer) Forget() {
	i.mu.Lock()
	defer i.mu.Unlock()
	clear(i.access)
}

// script gives a copy of the present script.
func (i *Issuer) script() Script {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.Script
}

// Reads says how often its metadata ("metadata") or its keys ("keys") were read.
func (i *Issuer) Reads(what string) int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.reads[what]
}

// Taken gives the requests since it was last called.
func (i *Issuer) Taken() []Seen {
	i.mu.Lock()
	defer i.mu.Unlock()
	seen := i.seen
	i.seen = nil
	return seen
}

// maxSeen limits the memory of an issuer whose requests nobody takes.
const maxSeen = 1000

func (i *Issuer) note(s Seen) {
	s.At = i.clock.Now()
	i.mu.Lock()
	defer i.mu.Unlock()
	i.reads[s.What]++
	if len(i.seen) < maxSeen {
		i.seen = append(i.seen, s)
	}
}

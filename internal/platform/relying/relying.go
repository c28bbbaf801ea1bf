// Package relying implements the client side of OpenID Connect: it sends a browser to a provider to sign in, and
// verifies and returns the provider's statements about the person.
//
// Start gives the address to send the browser to and a Pending to store; Redeem takes the Pending and the parameters
// with which the browser came back. It stores nothing itself: the caller makes sure that a Pending is used once, by
// the browser that started it, and that a logout token is used once. It does not know what the other claims mean, nor
// what a person may do here.
package relying

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"signpost/internal/platform/clock"
	"signpost/internal/platform/fetch"
	"signpost/internal/platform/jwt"
)

// leeway limits the difference between the provider's clock and ours.
const leeway = time.Minute

const wellKnown = "/.well-known/openid-configuration"

// Auth says how the client authenticates itself to the provider: with a key (private_key_jwt) or with a secret
// (client_secret_post). One of the two is set.
type Auth struct {
	Key       jwt.Key
	Audience  string    // of the signed assertion; exactly the address of the token endpoint if empty
	Published []jwt.Key // further keys in JWKS: the next one before it signs, the last one after
	Secret    string
}

// Config describes the provider, and what to ask of it.
type Config struct {
	// Issuer is the provider's name, compared exactly, including its port.
	Issuer string
	// DiscoveryURL is the address of its metadata, if that is not below Issuer.
	DiscoveryURL string

	ClientID      string
	Auth          Auth
	RedirectURI   string
	PostLogoutURI string // where a browser comes back to after signing out; may be empty

	Scopes []string // openid is always asked for
	ACR    []string // classes of authentication to ask for; the caller checks which was met
	Prompt string   // "login" to make the person authenticate now
	MaxAge time.Duration

	Algorithms []jwt.Algorithm // of the provider's signatures; RS256 and ES256 if empty
	// PlainLogoutType accepts logout tokens without a type of their own in the header, which older providers send.
	PlainLogoutType bool

	Fetch *fetch.Client
	Clock clock.Clock
}

// Client signs people in at one provider. It is safe for use by several goroutines.
type Client struct {
	config   Config
	provider fetch.Cached[*provider]
}

// New makes a client. It does not contact the provider yet, which may be down.
func New(c Config) (*Client, error) {
	if c.Issuer == "" {
		c.Issuer = strings.TrimSuffix(c.DiscoveryURL, wellKnown)
	}
	if c.DiscoveryURL == "" {
		c.DiscoveryURL = strings.TrimSuffix(c.Issuer, "/") + wellKnown
	}
	if len(c.Algorithms) == 0 {
		c.Algorithms = []jwt.Algorithm{jwt.RS256, jwt.ES256}
	}
	if err := c.check(); err != nil {
		return nil, fmt.Errorf("sign-in at %q: %w", c.Issuer, err)
	}
	client := &Client{config: c}
	client.provider = fetch.Cached[*provider]{
		Read: client.discover, Clock: c.Clock,
		FreshFor: 30 * time.Minute, KeepFor: time.Hour, Again: time.Minute, Retry: 5 * time.Second,
	}
	return client, nil
}

func (c Config) check() error {
	switch {
	case c.Issuer == "":
		return errors.New("the provider's issuer is not set")
	case c.ClientID == "":
		return errors.New("the client id is not set")
	case c.RedirectURI == "":
		return errors.New("the redirect URI is not set")
	case (c.Auth.Key.ID == "") == (c.Auth.Secret == ""):
		return errors.New("set either a key or a secret to prove the client with")
	case c.Fetch == nil || c.Clock == nil:
		return errors.New("a fetch client and a clock are needed")
	}
	return nil
}

// Issuer gives the provider's name.
func (c *Client) Issuer() string { return c.config.Issuer }

// JWKS gives the set of public keys that this client publishes.
func (c *Client) JWKS() jwt.Set {
	if c.config.Auth.Key.ID == "" {
		return jwt.NewSet(c.config.Auth.Published...)
	}
	return jwt.NewSet(append([]jwt.Key{c.config.Auth.Key}, c.config.Auth.Published...)...)
}

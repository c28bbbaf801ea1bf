package relying

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"signpost/internal/platform/random"
)

// Ask holds what one sign-in asks for in place of the configuration. Empty fields stay as configured.
type Ask struct {
	Scopes []string // such as changedrole in place of selectedrole
	ACR    []string
	Prompt string
	MaxAge time.Duration
}

// Pending is a sign-in that was started. The caller stores it for the browser that started it, for a few minutes or
// until Redeem; it holds secrets.
type Pending struct {
	Issuer      string    `json:"issuer"`
	RedirectURI string    `json:"redirect_uri"`
	State       string    `json:"state"`
	Nonce       string    `json:"nonce"`
	Verifier    string    `json:"verifier"` // of PKCE
	ACR         []string  `json:"acr,omitempty"`
	Prompt      string    `json:"prompt,omitempty"`
	MaxAge      int       `json:"max_age,omitempty"` // seconds; 0 if not asked
	At          time.Time `json:"at"`
}

// Start begins a sign-in. It gives the address to send the browser to and a Pending to store until it comes back.
func (c *Client) Start(ctx context.Context, ask Ask) (string, Pending, error) {
	p, err := c.provider.Value(ctx)
	if err != nil {
		return "", Pending{}, refuse(Unreachable, err)
	}
	pending := Pending{
		Issuer: c.config.Issuer, RedirectURI: c.config.RedirectURI,
		State: random.Secret(), Nonce: random.Secret(), Verifier: random.Secret(),
		ACR: c.config.ACR, Prompt: c.config.Prompt, MaxAge: int(c.config.MaxAge.Seconds()),
		At: c.config.Clock.Now(),
	}
	scopes := c.config.Scopes
	if ask.Scopes != nil {
		scopes = ask.Scopes
	}
	pending.override(ask)
	return c.oauth(p, scopes).AuthCodeURL(pending.State, pending.options()...), pending, nil
}

func (p *Pending) override(ask Ask) {
	if ask.ACR != nil {
		p.ACR = ask.ACR
	}
	if ask.Prompt != "" {
		p.Prompt = ask.Prompt
	}
	if ask.MaxAge != 0 {
		p.MaxAge = int(ask.MaxAge.Seconds())
	}
}

func (p *Pending) options() []oauth2.AuthCodeOption {
	options := []oauth2.AuthCodeOption{oidc.Nonce(p.Nonce), oauth2.S256ChallengeOption(p.Verifier)}
	for name, value := range map[string]string{"acr_values": strings.Join(p.ACR, " "), "prompt": p.Prompt} {
		if value != "" {
			options = append(options, oauth2.SetAuthURLParam(name, value))
		}
	}
	if p.MaxAge > 0 {
		options = append(options, oauth2.SetAuthURLParam("max_age", strconv.Itoa(p.MaxAge)))
	}
	return options
}

// oauth gives the library's configuration for the provider. The secret, if any, goes in the form (client_secret_post).
func (c *Client) oauth(p *provider, scopes []string) *oauth2.Config {
	if !slices.Contains(scopes, oidc.ScopeOpenID) {
		scopes = append([]string{oidc.ScopeOpenID}, scopes...)
	}
	return &oauth2.Config{
		ClientID: c.config.ClientID, ClientSecret: c.config.Auth.Secret,
		RedirectURL: c.config.RedirectURI, Scopes: scopes,
		Endpoint: oauth2.Endpoint{AuthURL: p.Authorization, TokenURL: p.Token, AuthStyle: oauth2.AuthStyleInParams},
	}
}

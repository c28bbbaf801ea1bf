package relying

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"signpost/internal/platform/jwt"
)

// metadata holds the parts of the provider's discovery document that we use.
type metadata struct {
	Issuer        string `json:"issuer"`
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
	UserInfo      string `json:"userinfo_endpoint"`
	Keys          string `json:"jwks_uri"`
	EndSession    string `json:"end_session_endpoint"`
	SendsIssuer   bool   `json:"authorization_response_iss_parameter_supported"`
}

// provider holds the provider's metadata and keys as last read.
type provider struct {
	metadata
	keys *jwt.Remote
}

func (c *Client) discover(ctx context.Context) (*provider, error) {
	p := &provider{}
	if err := c.config.Fetch.JSON(ctx, c.config.DiscoveryURL, nil, &p.metadata); err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	if err := p.check(c.config); err != nil {
		return nil, fmt.Errorf("discovery at %s: %w", c.config.DiscoveryURL, err)
	}
	p.keys = jwt.NewRemote(p.Keys, c.config.Fetch, c.config.Clock)
	return p, nil
}

// check refuses metadata of another issuer, and endpoints that are less protected than the metadata itself.
func (m metadata) check(c Config) error {
	if m.Issuer != c.Issuer {
		return &jwt.Mismatch{Claim: "issuer", Want: fmt.Sprintf("%q", c.Issuer), Got: m.Issuer}
	}
	from, err := url.Parse(c.DiscoveryURL)
	if err != nil {
		return err
	}
	for name, address := range map[string]string{
		"authorization_endpoint": m.Authorization, "token_endpoint": m.Token,
		"userinfo_endpoint": m.UserInfo, "jwks_uri": m.Keys,
	} {
		to, err := url.Parse(address)
		if err != nil || to.Host == "" || (to.Scheme != "https" && to.Scheme != from.Scheme) {
			return fmt.Errorf("%s is %q, not an address we can use", name, address)
		}
	}
	return nil
}

// signatures checks signatures for the library that reads the tokens.
type signatures struct {
	provider *provider
	expect   jwt.Expect
}

// VerifySignature gives the payload of a token if its header and signature are valid.
func (s signatures) VerifySignature(ctx context.Context, token string) ([]byte, error) {
	t, err := jwt.Verify(ctx, token, s.provider.keys, s.expect)
	return t.Payload, err
}

func (c *Client) verifier(p *provider, types ...string) *oidc.IDTokenVerifier {
	var algorithms []string
	for _, a := range c.config.Algorithms {
		algorithms = append(algorithms, string(a))
	}
	keys := signatures{provider: p, expect: jwt.Expect{Algorithms: c.config.Algorithms, Types: types}}
	return oidc.NewVerifier(c.config.Issuer, keys, &oidc.Config{
		ClientID:             c.config.ClientID,
		SupportedSigningAlgs: algorithms,
		Now:                  func() time.Time { return c.config.Clock.Now().Add(-leeway) },
	})
}

// rules gives the rules for the registered claims of the provider's tokens. CIS2 writes the audience as one string.
func (c *Client) rules() jwt.Rules {
	return jwt.Rules{
		Issuer: c.config.Issuer, Audience: []string{c.config.ClientID}, AudienceForm: jwt.OneString,
		Now: c.config.Clock.Now(), Leeway: leeway, NeedIssuedAt: true,
	}
}

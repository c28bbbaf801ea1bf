package provider

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"signpost/internal/careid/provider/client"
	"signpost/internal/platform/actor"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
)

// assertionType is the only one there is (RFC 7523 §2.2).
const assertionType = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

// CIS2 says no more than this, whatever is wrong; the reason goes to the log and to the event.
var (
	errAssertion = invalid("invalid_client", "JWT is not valid")
	errClient    = invalid("invalid_client", "Client authentication failed")
)

// mostLife is how far ahead an assertion may expire (reference §4).
const mostLife = 5 * time.Minute

// authenticate says which client makes a request at the token endpoint. The error is for the client;
// why says what was wrong, for an operator.
func (p *Provider) authenticate(ctx context.Context, form url.Values) (c client.Client, says *Error, why error) {
	id, assertion := form.Get("client_id"), form.Get("client_assertion")
	says = errClient
	if assertion != "" {
		says = errAssertion
		token, err := jwt.Unverified(assertion)
		if err != nil {
			return c, says, err
		}
		claims, err := token.Claims()
		if err != nil {
			return c, says, err
		}
		if id != "" && id != claims.Subject {
			return c, says, fmt.Errorf("client_id is %.100q, the assertion's sub is %.100q", id, claims.Subject)
		}
		id = claims.Subject
	}
	c, err := p.activeClient(ctx, id)
	if err != nil {
		return client.Client{}, says, err
	}
	if assertion != "" {
		return c, says, p.checkAssertion(ctx, c, form)
	}
	return c, says, p.checkSecret(c, form.Get("client_secret"))
}

var errSuspended = errors.New("it is suspended")

// activeClient reads a client that may be served.
func (p *Provider) activeClient(ctx context.Context, id string) (c client.Client, err error) {
	err = p.o.DB.View(ctx, func(r db.R) error {
		c, err = client.ByID(ctx, r, id)
		return err
	})
	if err == nil && !c.Active {
		err = fmt.Errorf("client %s: %w", id, errSuspended)
	}
	return c, err
}

func (p *Provider) checkSecret(c client.Client, secret string) error {
	if c.AuthMethod != client.ClientSecretPost {
		return fmt.Errorf("the client is registered for %s and sent no assertion", c.AuthMethod)
	}
	if !c.HasSecret(p.o.Box, secret) {
		return errors.New("the client secret is not right")
	}
	return nil
}

func (p *Provider) checkAssertion(ctx context.Context, c client.Client, form url.Values) error {
	switch {
	case c.AuthMethod != client.PrivateKeyJWT:
		return fmt.Errorf("the client is registered for %s and sent an assertion", c.AuthMethod)
	case form.Get("client_assertion_type") != assertionType:
		return fmt.Errorf("client_assertion_type: expected %q, received %.200q", assertionType, form.Get("client_assertion_type"))
	case form.Has("client_secret"):
		return errors.New("both an assertion and a secret were sent")
	}
	keys, err := p.keysOf(c)
	if err != nil {
		return err
	}
	want := jwt.Expect{Algorithms: []jwt.Algorithm{c.Algorithm}, Types: []string{"", "JWT", "client-authentication+jwt"}}
	token, err := jwt.Verify(ctx, form.Get("client_assertion"), keys, want)
	if err != nil {
		return err
	}
	claims, err := token.Claims()
	if err != nil {
		return err
	}
	if claims.Subject != c.ID {
		return &jwt.Mismatch{Claim: "sub", Want: c.ID, Got: claims.Subject}
	}
	err = claims.Check(jwt.Rules{
		Issuer: c.ID, Audience: []string{p.address(tokenPath), p.o.Issuer}, AudienceForm: jwt.OneString,
		Now: p.o.Clock.Now(), Leeway: leeway, MaxLife: mostLife, NeedID: true,
	})
	if err != nil {
		return err
	}
	return p.onlyOnce(ctx, c.ID, claims)
}

// onlyOnce remembers an assertion's jti until the assertion has expired.
func (p *Provider) onlyOnce(ctx context.Context, clientID string, claims jwt.Claims) error {
	return p.o.DB.Keep(ctx, func(k *db.K) error {
		n, err := k.Exec(ctx, `INSERT INTO provider_jti (client_id, jti_digest, ends_at) VALUES ($1, $2, $3) ON CONFLICT (client_id, jti_digest) DO NOTHING`,
			clientID, digest(claims.ID), claims.Expires.Add(leeway))
		if err != nil {
			return fmt.Errorf("remember assertion: %w", err)
		}
		if n != 1 {
			return &jwt.Mismatch{Claim: "jti", Want: "one that was not used before", Got: claims.ID}
		}
		return nil
	})
}

// keysOf gives the public keys of a client: those registered, or those it publishes.
func (p *Provider) keysOf(c client.Client) (jwt.Keys, error) {
	if c.JWKS != "" {
		return jwt.ParseSet([]byte(c.JWKS))
	}
	p.remotesMu.Lock()
	defer p.remotesMu.Unlock()
	remote, known := p.remotes[c.JWKSURI]
	if !known {
		remote = jwt.NewRemote(c.JWKSURI, p.o.Fetch, p.o.Clock)
		p.remotes[c.JWKSURI] = remote
	}
	return remote, nil
}

// refuseClient keeps an event with the reason why a known client was not believed. A stranger that
// names no client we know leaves a log line only.
func (p *Provider) refuseClient(ctx context.Context, who actor.Actor, c client.Client, why error) error {
	if c.ID == "" {
		return nil
	}
	err := p.o.DB.Update(ctx, who, func(w *db.W) error {
		return w.Refuse(ctx, audit.Event{Kind: "client.refused", Subject: client.Ref(c.ID), Reason: why.Error()}, fault.Unauthenticated)
	})
	if errors.Is(err, fault.Unauthenticated) {
		return nil
	}
	return err
}

package relying

import (
	"context"
	"errors"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"signpost/internal/platform/jwt"
	"signpost/internal/platform/random"
)

// tokens are the tokens that the provider gave for a code.
type tokens struct {
	access Access
	id     string
}

// usualLife is how long an access token is taken for that the provider gave without saying for how long: an hour is
// what CIS2 gives.
const usualLife = time.Hour

func (c *Client) exchange(ctx context.Context, p *provider, pending Pending, code string) (tokens, error) {
	options := []oauth2.AuthCodeOption{oauth2.VerifierOption(pending.Verifier)}
	if c.config.Auth.Key.ID != "" {
		assertion, err := c.assertion(p)
		if err != nil {
			return tokens{}, err
		}
		options = append(options,
			oauth2.SetAuthURLParam("client_assertion_type", jwt.AssertionType),
			oauth2.SetAuthURLParam("client_assertion", assertion))
	}
	ctx = context.WithValue(ctx, oauth2.HTTPClient, c.config.Fetch.HTTP())
	answer, err := c.oauth(p, nil).Exchange(ctx, code, options...)
	if err != nil {
		return tokens{}, refuse(exchangeReason(err), err)
	}
	id, _ := answer.Extra("id_token").(string)
	if id == "" || !strings.EqualFold(answer.TokenType, "Bearer") {
		return tokens{}, refusef(Untrusted, "token answer of type %.40q with an ID token of %d bytes", answer.TokenType,
			len(id))
	}
	life := time.Duration(answer.ExpiresIn) * time.Second
	if life <= 0 {
		life = usualLife
	}
	return tokens{access: Access{Token: answer.AccessToken, Ends: c.config.Clock.Now().Add(life)}, id: id}, nil
}

func exchangeReason(err error) Reason {
	var answer *oauth2.RetrieveError
	if errors.As(err, &answer) && answer.ErrorCode != "" {
		return reasonOf(answer.ErrorCode)
	}
	return Unreachable
}

// assertion makes the signed statement by which the client authenticates itself (RFC 7523). The audience is copied
// exactly from the metadata, because CIS2 compares it including the ":443".
func (c *Client) assertion(p *provider) (string, error) {
	audience := c.config.Auth.Audience
	if audience == "" {
		audience = p.Token
	}
	now := c.config.Clock.Now()
	return jwt.Sign(c.config.Auth.Key, "JWT", map[string]any{
		"iss": c.config.ClientID, "sub": c.config.ClientID, "aud": audience,
		"jti": random.ID(), "iat": now.Unix(), "exp": now.Add(3 * time.Minute).Unix(),
	})
}

package relying

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"signpost/internal/platform/jwt"
)

// idClaims are the claims of an ID token in addition to the registered ones.
type idClaims struct {
	Subject         string   `json:"sub"`
	AuthorizedParty *string  `json:"azp"`
	Nonce           string   `json:"nonce"`
	AuthTime        *float64 `json:"auth_time"`

	payload []byte
}

func (c idClaims) authTime() time.Time {
	if c.AuthTime == nil {
		return time.Time{}
	}
	return time.Unix(int64(max(0, min(*c.AuthTime, 1<<40))), 0).UTC()
}

// verifyID verifies the ID token, checks that it answers this request, and reads its claims.
func (c *Client) verifyID(ctx context.Context, p *provider, pending Pending, got tokens) (idClaims, error) {
	verified, err := c.verifier(p, "JWT", "").Verify(ctx, got.id)
	if err != nil {
		return idClaims{}, refuse(Untrusted, err)
	}
	if verified.AccessTokenHash != "" {
		if err := verified.VerifyAccessToken(got.access.Token); err != nil {
			return idClaims{}, refuse(Untrusted, err)
		}
	}
	// After that it is read again strictly: by exact names, and with no name twice.
	token, err := jwt.Unverified(got.id)
	if err != nil {
		return idClaims{}, refuse(Untrusted, err)
	}
	var claims idClaims
	if err := token.Decode(&claims); err != nil {
		return idClaims{}, refuse(Untrusted, err)
	}
	registered, err := token.Claims()
	if err != nil {
		return idClaims{}, refuse(Untrusted, err)
	}
	if err := registered.Check(c.rules()); err != nil {
		return idClaims{}, refuse(Untrusted, err)
	}
	if err := c.checkID(claims, registered, pending); err != nil {
		return idClaims{}, refuse(Untrusted, err)
	}
	claims.payload = token.Payload
	return claims, nil
}

func (c *Client) checkID(claims idClaims, registered jwt.Claims, pending Pending) error {
	switch {
	case claims.Subject == "" || len(claims.Subject) > 255:
		return &jwt.Mismatch{Claim: "sub", Want: "a subject", Got: claims.Subject}
	case claims.AuthorizedParty != nil && *claims.AuthorizedParty != c.config.ClientID:
		return &jwt.Mismatch{Claim: "azp", Want: fmt.Sprintf("%q", c.config.ClientID), Got: *claims.AuthorizedParty}
	case pending.Nonce == "" || !same(claims.Nonce, pending.Nonce):
		return &jwt.Mismatch{Claim: "nonce", Want: "the one that was sent", Got: claims.Nonce}
	case registered.IssuedAt.Before(pending.At.Add(-leeway)):
		return &jwt.Mismatch{
			Claim: "iat", Want: "a time after the sign-in was started", Got: registered.IssuedAt.String(),
		}
	}
	return nil
}

// checkFresh checks that the person authenticated as recently as the request asked, because the browser could have
// removed prompt or max_age from the request.
func (c *Client) checkFresh(claims idClaims, pending Pending) error {
	login := slices.Contains(strings.Fields(pending.Prompt), "login")
	at := claims.authTime()
	now := c.config.Clock.Now()
	switch {
	case !login && pending.MaxAge == 0:
		return nil
	case at.IsZero():
		return refusef(Stale, "no auth_time, though a fresh sign-in was asked for")
	case at.After(now.Add(leeway)):
		return refusef(Untrusted, "auth_time %s is in the future", at)
	case login && at.Before(pending.At.Add(-leeway)):
		return refusef(Stale, "auth_time %s is before the sign-in was started, %s", at, pending.At)
	case pending.MaxAge > 0 && now.Sub(at) > time.Duration(pending.MaxAge)*time.Second+leeway:
		return refusef(Stale, "auth_time %s is over %d s ago", at, pending.MaxAge)
	}
	return nil
}

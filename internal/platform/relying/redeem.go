package relying

import (
	"context"
	"net/http"
	"net/url"

	strict "github.com/go-jose/go-jose/v4/json"
)

// Answer holds the provider's verified statements about somebody who has just signed in. The ID token answers the
// request, and the ID token and userinfo are about the same subject.
type Answer struct {
	IDToken  string // as received, for LogoutForm
	Claims   []byte // the claims of the ID token, a JSON object
	UserInfo []byte // the userinfo answer, a JSON object
}

// Redeem gives the provider's answer, from the parameters with which the browser came back. Every error carries
// a Reason and the code of a fault, without a text for people.
func (c *Client) Redeem(ctx context.Context, pending Pending, query url.Values) (Answer, error) {
	p, err := c.provider.Value(ctx)
	if err != nil {
		return Answer{}, refuse(Unreachable, err)
	}
	code, err := c.codeFrom(p, pending, query)
	if err != nil {
		return Answer{}, err
	}
	got, err := c.exchange(ctx, p, pending, code)
	if err != nil {
		return Answer{}, err
	}
	claims, err := c.verifyID(ctx, p, pending, got)
	if err != nil {
		return Answer{}, err
	}
	if err := c.checkFresh(claims, pending); err != nil {
		return Answer{}, err
	}
	info, err := c.userInfo(ctx, p, got.access, claims.Subject)
	if err != nil {
		return Answer{}, err
	}
	return Answer{IDToken: got.id, Claims: claims.payload, UserInfo: info}, nil
}

// userInfo asks the provider for the person's details. It refuses an answer about another subject than that of the ID
// token (OpenID Connect Core §5.3.2).
func (c *Client) userInfo(ctx context.Context, p *provider, access, subject string) ([]byte, error) {
	body, err := c.config.Fetch.Bytes(ctx, p.UserInfo, http.Header{"Authorization": {"Bearer " + access}})
	if err != nil {
		return nil, refuse(Unreachable, err)
	}
	var info struct {
		Subject string `json:"sub"`
	}
	if err := strict.Unmarshal(body, &info); err != nil {
		return nil, refusef(Untrusted, "read userinfo: %w", err)
	}
	if info.Subject != subject {
		return nil, refusef(WrongSubject, "userinfo's sub: expected %q, received %.80q", subject, info.Subject)
	}
	return body, nil
}

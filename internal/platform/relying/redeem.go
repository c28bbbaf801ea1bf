package relying

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	strict "github.com/go-jose/go-jose/v4/json"

	"signpost/internal/platform/fetch"
)

// Answer holds the provider's verified statements about somebody who has just signed in. The ID token answers the
// request, and the ID token and userinfo are about the same subject.
type Answer struct {
	IDToken  string // as received, for LogoutForm
	Access   Access // with which the provider is asked about them again
	Claims   []byte // the claims of the ID token, a JSON object
	UserInfo []byte // the userinfo answer, a JSON object
}

// Access is an access token, and until when the provider takes it.
type Access struct {
	Token string
	Ends  time.Time
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
	info, err := c.userInfo(ctx, p, got.access.Token, claims.Subject)
	if err != nil {
		return Answer{}, err
	}
	return Answer{IDToken: got.id, Access: got.access, Claims: claims.payload, UserInfo: info}, nil
}

// Again asks for the details of somebody who signed in before, with the access token that was given then. A token that
// the provider takes no more is TokenRefused.
func (c *Client) Again(ctx context.Context, access, subject string) (userInfo []byte, err error) {
	p, err := c.provider.Value(ctx)
	if err != nil {
		return nil, refuse(Unreachable, err)
	}
	return c.userInfo(ctx, p, access, subject)
}

// userInfo asks the provider for the person's details. It refuses an answer about another subject than that of the ID
// token (OpenID Connect Core §5.3.2).
func (c *Client) userInfo(ctx context.Context, p *provider, access, subject string) ([]byte, error) {
	body, err := c.config.Fetch.Bytes(ctx, p.UserInfo, http.Header{"Authorization": {"Bearer " + access}})
	var answer *fetch.StatusError
	if errors.As(err, &answer) && (answer.Status == http.StatusUnauthorized || answer.Status == http.StatusForbidden) {
		return nil, refuse(TokenRefused, err)
	}
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

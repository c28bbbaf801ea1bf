package relying

import (
	"context"
	"net/http"
	"net/url"

	strict "github.com/go-jose/go-jose/v4/json"
)

// Redeem turns what the browser brought back into the person who signed in. Every error carries words
// for the person (fault) and a Reason.
func (c *Client) Redeem(ctx context.Context, pending Pending, query url.Values) (Person, error) {
	p, err := c.provider.Value(ctx)
	if err != nil {
		return Person{}, refuse(Unreachable, err)
	}
	code, err := c.codeFrom(p, pending, query)
	if err != nil {
		return Person{}, err
	}
	got, err := c.exchange(ctx, p, pending, code)
	if err != nil {
		return Person{}, err
	}
	claims, err := c.verifyID(ctx, p, pending, got)
	if err != nil {
		return Person{}, err
	}
	if err := c.checkFresh(claims, pending); err != nil {
		return Person{}, err
	}
	info, err := c.userInfo(ctx, p, got.access, claims.Subject)
	if err != nil {
		return Person{}, err
	}
	identity := firstGiven(claims.IdentityLevel, claims.OlderIdentityLevel, info.IdentityLevel)
	if err := c.checkLevels(claims, identity, pending); err != nil {
		return Person{}, err
	}
	return c.person(claims, info, identity, got.id), nil
}

// userInfo asks who the person is. The answer counts only if it is about the subject of the ID token
// (OpenID Connect Core §5.3.2).
func (c *Client) userInfo(ctx context.Context, p *provider, access, subject string) (userInfo, error) {
	body, err := c.config.Fetch.Bytes(ctx, p.UserInfo, http.Header{"Authorization": {"Bearer " + access}})
	if err != nil {
		return userInfo{}, refuse(Unreachable, err)
	}
	var info userInfo
	if err := strict.Unmarshal(body, &info); err != nil {
		return userInfo{}, refusef(Untrusted, "read userinfo: %w", err)
	}
	if info.Subject != subject {
		return userInfo{}, refusef(WrongSubject, "userinfo's sub: expected %q, received %.80q", subject, info.Subject)
	}
	return info, nil
}

package relying

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
	"signpost/internal/platform/once"
)

// LogoutClaims are the claims of a back-channel logout token, which says that a session at the provider has ended.
type LogoutClaims struct {
	Issuer, Subject string
	SID             string // match on this; on Subject only if it is empty
	IssuedAt        time.Time
	Until           time.Time  // sessions that began later must not end: a token may arrive late
	Token           once.Thing // the caller uses it up in the Update that ends the sessions
}

// tokenKind is the kind under which used logout tokens are remembered.
const tokenKind = "logout-token"

// VerifyLogout verifies and reads a back-channel logout token (OpenID Connect Back-Channel Logout 1.0 §2.6).
func (c *Client) VerifyLogout(ctx context.Context, token string) (LogoutClaims, error) {
	p, err := c.provider.Value(ctx)
	if err != nil {
		return LogoutClaims{}, refuse(Unreachable, err)
	}
	types := []string{jwt.TypeLogout}
	if c.config.PlainLogoutType {
		types = append(types, jwt.TypePlain, "")
	}
	verified, err := c.verifier(p, types...).VerifyLogout(ctx, token)
	if err != nil {
		return LogoutClaims{}, badLogout(err)
	}
	again, err := jwt.Unverified(token)
	if err != nil {
		return LogoutClaims{}, badLogout(err)
	}
	if err := checkEvent(again); err != nil {
		return LogoutClaims{}, badLogout(err)
	}
	claims, err := again.Claims()
	if err != nil {
		return LogoutClaims{}, badLogout(err)
	}
	rules := c.rules()
	rules.AudienceForm = jwt.OneName
	rules.NeedID = true
	if err := claims.Check(rules); err != nil {
		return LogoutClaims{}, badLogout(err)
	}
	return LogoutClaims{
		Issuer: claims.Issuer, Subject: claims.Subject, SID: verified.SessionID,
		IssuedAt: claims.IssuedAt, Until: claims.IssuedAt.Add(leeway),
		Token: once.Thing{Kind: tokenKind, ID: claims.ID, Ends: claims.Expires.Add(time.Minute)},
	}, nil
}

// checkEvent checks that the logout event is an object, which the library does not check.
func checkEvent(t jwt.Token) error {
	var claims struct {
		Events map[string]map[string]any `json:"events"`
	}
	if err := t.Decode(&claims); err != nil {
		return err
	}
	if claims.Events[jwt.LogoutEvent] == nil {
		return &jwt.Mismatch{Claim: "events", Want: "the back-channel logout event, an object"}
	}
	return nil
}

func badLogout(err error) error {
	return fmt.Errorf("logout token: %w: %w", err, fault.Say(fault.Invalid, "This is not a valid logout token."))
}

// LogoutForm gives the form that the browser posts to sign out at the provider too: where to, and its fields. It is
// fault.NotFound if the provider has no place for it. An ID token is about a person, so it stands in no address: those
// are kept in histories and logs.
func (c *Client) LogoutForm(ctx context.Context, idTokenHint, state string) (to string, fields url.Values, err error) {
	p, err := c.provider.Value(ctx)
	if err != nil {
		return "", nil, refuse(Unreachable, err)
	}
	if p.EndSession == "" {
		return "", nil, fmt.Errorf("end session: %w", fault.NotFound)
	}
	fields = url.Values{"client_id": {c.config.ClientID}}
	for name, value := range map[string]string{
		"id_token_hint": idTokenHint, "post_logout_redirect_uri": c.config.PostLogoutURI, "state": state,
	} {
		if value != "" {
			fields.Set(name, value)
		}
	}
	return p.EndSession, fields, nil
}

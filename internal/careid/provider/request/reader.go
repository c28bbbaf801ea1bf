package request

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/key"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/jwt"
)

// Reader reads the requests of known clients, and the ID tokens of this provider that they carry as hints.
type Reader struct {
	Issuer string
	Keys   *key.Ring
}

// ErrRedirect refuses a request whose answer would go to an address that is not registered. There is nowhere to
// send an error, so a page shows it.
var ErrRedirect = fault.Keyed("redirect", fault.SayCure(fault.Forbidden,
	"The service you came from asked for the answer to go to an address that is not registered for it.",
	"Go back to the service. If it happens again, tell the people who run it."))

// Read reads a request to sign somebody in, whether the client pushed it or the browser carries it. An *Error goes
// to the service at the address in the Request.
func (rd Reader) Read(ctx context.Context, q url.Values, c client.Client) (Request, error) {
	c, onTrial := c.Serving(q.Get("redirect_uri"), strings.Fields(q.Get("scope")))
	if len(q["redirect_uri"]) != 1 || !slices.Contains(c.RedirectURIs, q.Get("redirect_uri")) {
		return Request{}, ErrRedirect
	}
	req, problem := Parse(q, c)
	req.OnTrial = onTrial
	if problem == nil {
		problem = rd.readHint(ctx, q, &req)
	}
	if problem != nil {
		return req, problem
	}
	return req, nil
}

// readHint reads from an ID token of ours which person the service means.
func (rd Reader) readHint(ctx context.Context, q url.Values, req *Request) *Error {
	if !q.Has("id_token_hint") {
		return nil
	}
	claims, _, err := rd.Hint(ctx, q.Get("id_token_hint"))
	if err != nil || claims.Audience.Names[0] != req.ClientID {
		return NewError("invalid_request", "The id_token_hint is not an ID token that this client was given.")
	}
	if !req.Accepts(claims.Subject) {
		return NewError("invalid_request", "The id_token_hint and the claims parameter name two people.")
	}
	req.Subject = claims.Subject
	return nil
}

// Hint reads an ID token that this provider gave to one client, and the session that it names. It may have expired.
func (rd Reader) Hint(ctx context.Context, text string) (claims jwt.Claims, sid string, err error) {
	expect := jwt.Expect{Algorithms: client.TokenAlgorithms, Types: []string{jwt.TypePlain}}
	token, err := jwt.Verify(ctx, text, rd.Keys.Set(), expect)
	if err != nil {
		return claims, "", err
	}
	var own struct {
		SID string `json:"sid"`
	}
	if err := token.Decode(&own); err != nil {
		return claims, "", err
	}
	claims, err = token.Claims()
	if err == nil && (claims.Issuer != rd.Issuer || len(claims.Audience.Names) != 1) {
		err = errors.New("it is not an ID token of this provider for one client")
	}
	return claims, own.SID, err
}

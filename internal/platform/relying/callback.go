package relying

import (
	"crypto/subtle"
	"net/url"
)

// codeFrom gives the code from the parameters with which the browser came back, after checking that they answer this
// request and come from this provider.
func (c *Client) codeFrom(p *provider, pending Pending, query url.Values) (string, error) {
	for name, values := range query {
		if len(values) != 1 {
			return "", refusef(Malformed, "parameter %.40q comes %d times", name, len(values))
		}
	}
	if pending.State == "" || !same(query.Get("state"), pending.State) {
		return "", refusef(WrongState, "state does not match, or there is none")
	}
	if pending.Issuer != c.config.Issuer || pending.RedirectURI != c.config.RedirectURI {
		return "", refusef(WrongIssuer, "started at %q for %q, came back to %q", pending.Issuer, pending.RedirectURI,
			c.config.RedirectURI)
	}
	// RFC 9207: the answer of another provider must not be redeemed at this one.
	if iss := query.Get("iss"); (iss != "" || query.Has("iss") || p.SendsIssuer) && iss != c.config.Issuer {
		return "", refusef(WrongIssuer, "iss: expected %q, received %.200q", c.config.Issuer, iss)
	}
	if query.Has("error") {
		return "", refusef(reasonOf(query.Get("error")), "the provider says %.100q: %.300q", query.Get("error"),
			query.Get("error_description"))
	}
	if query.Get("code") == "" {
		return "", refusef(Malformed, "no code and no error")
	}
	return query.Get("code"), nil
}

// reasonOf sorts the error codes of RFC 6749 §4.1.2.1 and OpenID Connect Core §3.1.2.6.
func reasonOf(code string) Reason {
	switch code {
	case "access_denied":
		return Denied
	case "login_required", "interaction_required", "account_selection_required", "consent_required":
		return NeedsSignIn
	case "invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope",
		"invalid_client", "unsupported_grant_type", "request_not_supported":
		return ClientRefused
	case "unmet_authentication_requirements":
		return AuthenticationLow
	case "invalid_grant":
		return CodeRefused
	}
	return Unreachable
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

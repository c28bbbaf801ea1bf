package request

import (
	"errors"
	"net/http"
	"net/url"
)

// known lists every parameter that the provider reads. It ignores all others, however often they appear (RFC 6749
// §3.1, §3.2).
var known = setOf(
	// of a request to sign somebody in
	"response_type", "response_mode", "client_id", "redirect_uri", "scope", "state", "nonce", "display", "prompt",
	"max_age", "ui_locales", "id_token_hint", "login_hint", "acr_values", "claims", "code_challenge",
	"code_challenge_method", "request", "request_uri", "registration",
	// of a sign-out
	"post_logout_redirect_uri", "logout_hint",
	// of a program's call
	"grant_type", "code", "code_verifier", "client_secret", "client_assertion", "client_assertion_type", "token",
	"token_type_hint", "access_token",
)

func setOf(names ...string) map[string]bool {
	set := map[string]bool{}
	for _, name := range names {
		set[name] = true
	}
	return set
}

// Parameters returns the parameters of a request that the provider knows. Those of a POST come from its body only. A
// parameter without a value counts as left out (RFC 6749 §3.1, §3.2).
func Parameters(r *http.Request) (url.Values, error) {
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	query = withValues(query)
	if r.Method != http.MethodPost {
		return query, nil
	}
	if len(query) > 0 {
		return nil, errors.New("parameters in both the address and the body")
	}
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	return withValues(r.PostForm), nil
}

// withValues returns the known parameters with the values that are not empty.
func withValues(all url.Values) url.Values {
	some := url.Values{}
	for name, values := range all {
		for _, value := range values {
			if known[name] && value != "" {
				some.Add(name, value)
			}
		}
	}
	return some
}

// ParametersOnce returns the parameters of a program's request, in which each may appear only once.
func ParametersOnce(r *http.Request) (url.Values, *Error) {
	form, err := Parameters(r)
	if err != nil {
		return nil, NewError("invalid_request", "The request could not be read.")
	}
	for name, values := range form {
		if len(values) > 1 {
			return nil, NewError("invalid_request", "The parameter "+name+" appears more than once.")
		}
	}
	return form, nil
}

package request

import (
	"errors"
	"net/http"
	"net/url"
)

// Parameters returns a request's parameters. Those of a POST come from its body only.
func Parameters(r *http.Request) (url.Values, error) {
	if r.Method != http.MethodPost {
		return url.ParseQuery(r.URL.RawQuery)
	}
	if r.URL.RawQuery != "" {
		return nil, errors.New("parameters in both the address and the body")
	}
	if err := r.ParseForm(); err != nil {
		return nil, err
	}
	return r.PostForm, nil
}

// ParametersOnce returns the parameters of a program's request, in which each may appear only once.
func ParametersOnce(r *http.Request) (url.Values, *Error) {
	form, err := Parameters(r)
	if err != nil {
		return nil, NewError("invalid_request", "The request could not be read.")
	}
	for name, values := range form {
		if len(values) > 1 {
			return nil, NewError("invalid_request", "The parameter "+printable(name)+" appears more than once.")
		}
	}
	return form, nil
}

package request

import (
	"fmt"
	"net/url"
	"strings"

	"signpost/internal/careid/provider/client"
)

// WrongRedirect explains an ErrRedirect to the people who look after the client.
func WrongRedirect(q url.Values, c client.Client) string {
	const text = "redirect_uri: expected exactly one of %.300q, received %.200q"
	return fmt.Sprintf(text, c.RedirectURIs, q["redirect_uri"])
}

// parameterOf names, by the error's code, the parameter that an error is about if its description does not.
var parameterOf = map[string]string{
	"invalid_scope":                     "scope",
	"unsupported_response_type":         "response_type",
	"unmet_authentication_requirements": "acr_values",
}

// shownParameters hold no secrets, so their values may be stored.
var shownParameters = []string{
	"scope", "response_type", "response_mode", "code_challenge_method", "prompt", "max_age", "acr_values", "display",
}

// WithReceived returns the error's description with what was received and what the client is registered for.
func (e *Error) WithReceived(q url.Values, c client.Client) string {
	text := e.Description
	for _, name := range shownParameters {
		if !e.concerns(name) {
			continue
		}
		text += fmt.Sprintf(" Received %s %.200q.", name, q[name])
		switch {
		case name == "scope":
			text += fmt.Sprintf(" Registered are %s.", strings.Join(c.Scopes, " "))
		case name == "acr_values" && len(c.AllowedACR) > 0:
			text += fmt.Sprintf(" Registered are %s.", strings.Join(c.AllowedACR, " "))
		}
	}
	return text
}

func (e *Error) concerns(parameter string) bool {
	switch {
	case parameterOf[e.Code] == parameter, strings.Contains(e.Description, parameter):
		return true
	}
	return parameter == "acr_values" && strings.Contains(e.Description, "class of authentication")
}

package provider

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/national/cis2"
	"signpost/internal/platform/fault"
)

// places say which endpoint refused a client. All others are AtOther.
var places = map[string]string{
	cis2.AuthorizePath: client.AtAuthorize, cis2.PushedPath: client.AtPush, cis2.TokenPath: client.AtToken,
}

// note keeps why a known client was refused, for the people who look after it.
func (p *Provider) note(r *http.Request, clientID, code, reason string) error {
	place, known := places[strings.TrimPrefix(r.URL.Path, p.path)]
	if !known {
		place = client.AtOther
	}
	return client.NoteRefusal(r.Context(), p.o.DB, client.Refusal{ClientID: clientID, Place: place, Code: code, Reason: reason})
}

// noteAuthorize keeps why a request to sign somebody in was refused, if it names a client we know.
func (p *Provider) noteAuthorize(r *http.Request, wrong error) error {
	q, err := parameters(r)
	if err != nil {
		return nil //nolint:nilerr // a request that cannot be read names no client; it is answered as such
	}
	c, err := p.activeClient(r.Context(), q.Get("client_id"))
	if errors.Is(err, fault.NotFound) {
		return nil // likewise one of a client we do not know
	}
	var e *request.Error
	switch {
	case err != nil && c.ID == "":
		return err
	case err != nil:
		return p.note(r, c.ID, "", err.Error())
	case errors.Is(wrong, errRedirect):
		return p.note(r, c.ID, "", wrongRedirect(q, c))
	case errors.As(wrong, &e):
		return p.note(r, c.ID, e.Code, withReceived(e, q, c))
	case errors.Is(wrong, errPushed):
		return p.note(r, c.ID, "", "the request_uri has expired, was used before, or was given to another client")
	}
	return nil
}

func wrongRedirect(q url.Values, c client.Client) string {
	return fmt.Sprintf("redirect_uri: expected exactly one of %.300q, received %.200q", c.RedirectURIs, q["redirect_uri"])
}

// about names the parameter that an error is about, where its description does not.
var about = map[string]string{"invalid_scope": "scope", "unsupported_response_type": "response_type", "unmet_authentication_requirements": "acr_values"}

// shownParameters hold no secret; what was received in them may be kept.
var shownParameters = []string{"scope", "response_type", "response_mode", "code_challenge_method", "prompt", "max_age", "acr_values", "display"}

// withReceived adds to an error what was received, and what the client is registered for.
func withReceived(e *request.Error, q url.Values, c client.Client) string {
	text := e.Description
	for _, name := range shownParameters {
		named := about[e.Code] == name || strings.Contains(e.Description, name) || name == "acr_values" && strings.Contains(e.Description, "class of authentication")
		if !named {
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

package provider

import (
	"errors"
	"net/http"
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
	q, err := request.Parameters(r)
	if err != nil {
		return nil //nolint:nilerr // a request that cannot be read names no client; it is answered as such
	}
	c, err := client.FindActive(r.Context(), p.o.DB, q.Get("client_id"))
	if errors.Is(err, fault.NotFound) {
		return nil // likewise one of a client we do not know
	}
	var e *request.Error
	switch {
	case err != nil && c.ID == "":
		return err
	case err != nil:
		return p.note(r, c.ID, "", err.Error())
	case errors.Is(wrong, request.ErrRedirect):
		return p.note(r, c.ID, "", request.WrongRedirect(q, c))
	case errors.As(wrong, &e):
		return p.note(r, c.ID, e.Code, e.WithReceived(q, c))
	case errors.Is(wrong, errPushed):
		return p.note(r, c.ID, "", "the request_uri has expired, was used before, or was given to another client")
	}
	return nil
}

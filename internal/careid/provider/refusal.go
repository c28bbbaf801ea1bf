package provider

import (
	"errors"
	"net/http"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/endpoint"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/fault"
)

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
	if err != nil && c.ID == "" {
		return err
	}
	refusal := client.Refusal{ClientID: c.ID, Place: client.AtAuthorize}
	var e *request.Error
	switch {
	case err != nil:
		refusal.Reason = err.Error()
	case errors.Is(wrong, request.ErrRedirect):
		refusal.Reason = request.WrongRedirect(q, c)
	case errors.As(wrong, &e):
		refusal.Code = e.Code
		refusal.Reason = e.WithReceived(q, c)
	case errors.Is(wrong, endpoint.ErrPushed):
		refusal.Reason = "the request_uri has expired, was used before, or was given to another client"
	default:
		return nil
	}
	return client.NoteRefusal(r.Context(), p.o.DB, refusal)
}

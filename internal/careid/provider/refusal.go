package provider

import (
	"errors"
	"net/http"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/endpoint"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/fault"
)

// noteAuthorize stores why a request to sign somebody in was refused, if it names a known client.
func (p *Provider) noteAuthorize(r *http.Request, cause error) error {
	q, err := request.Parameters(r)
	if err != nil {
		return nil //nolint:nilerr // a request that cannot be read names no client
	}
	c, err := client.FindActive(r.Context(), p.o.DB, q.Get("client_id"))
	if errors.Is(err, fault.NotFound) {
		return nil // the client is unknown
	}
	if err != nil && c.ID == "" {
		return err
	}
	refusal := client.Refusal{ClientID: c.ID, Place: client.AtAuthorize}
	var e *request.Error
	switch {
	case err != nil:
		refusal.Reason = err.Error()
	case errors.Is(cause, request.ErrRedirect):
		refusal.Reason = request.WrongRedirect(q, c)
	case errors.As(cause, &e):
		refusal.Code = e.Code
		refusal.Reason = e.WithReceived(q, c)
	case errors.Is(cause, endpoint.ErrPushed):
		refusal.Reason = "the request_uri has expired, was used before, or was given to another client"
	default:
		return nil
	}
	return client.NoteRefusal(r.Context(), p.o.DB, refusal)
}

package provider

import (
	"context"
	"errors"
	"net/http"
	"time"

	"signpost/internal/careid/authenticator"
	"signpost/internal/careid/identity"
	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/endpoint"
	"signpost/internal/careid/provider/request"
	"signpost/internal/national/authn"
	"signpost/internal/platform/audit"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
)

// Refused is the kind of event for a sign-in that cannot go on.
const Refused audit.Kind = "signin.refused"

// Refusal says why a person may not sign in although the proof was right.
type Refusal struct {
	Reason     Reason
	Suitable   []authn.Kind // the kinds of the person's authenticators that would be enough
	Workplaces []string     // codes of the person's organisations, whose registration authority may help
	Until      time.Time    // of Locked: when the lock ends
	noted      bool         // the sign-in says so already
}

// Error returns a message with the reason.
func (r *Refusal) Error() string { return "sign-in refused: " + string(r.Reason) }

// Is makes a Refusal forbidden.
func (r *Refusal) Is(target error) bool { return target == fault.Forbidden }

// refuse records, within an Update that it undoes, that somebody may not sign in who proved who they are.
func (r *Refusal) refuse(ctx context.Context, w *db.W, req request.Request, proven authenticator.Proven) error {
	return w.Refuse(ctx, refusedEvent(req, proven, r.Reason), r)
}

// refusedEvent is the event of a refusal of somebody who proved who they are.
func refusedEvent(r request.Request, proven authenticator.Proven, reason Reason) audit.Event {
	return audit.Event{
		Kind: Refused, Subject: identity.Ref(proven.UUID), Reason: string(reason), After: facts(r, proven),
	}
}

// facts describes, for an event, a proof and the service that it was made for.
func facts(r request.Request, proven authenticator.Proven) map[string]any {
	return map[string]any{
		"client": r.ClientID, "authenticator": proven.AuthenticatorID, "kind": proven.Kind, "level": proven.Level,
	}
}

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

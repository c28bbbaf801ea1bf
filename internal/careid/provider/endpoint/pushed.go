package endpoint

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"signpost/internal/careid/provider/client"
	"signpost/internal/careid/provider/request"
	"signpost/internal/platform/db"
	"signpost/internal/platform/fault"
	"signpost/internal/platform/session"
	"signpost/internal/platform/web"
)

// The beginning of a pushed request's name, and how long the request waits for the browser (RFC 9126 §2.2).
const (
	pushedURN  = "urn:ietf:params:oauth:request_uri:"
	pushedLife = 90 * time.Second
)

// pushed is the answer to a pushed request.
type pushed struct {
	RequestURI string `json:"request_uri"`
	ExpiresIn  int    `json:"expires_in"`
}

// errPushedTwice refuses a pushed request that refers to another one.
var errPushedTwice = request.NewError("invalid_request", "A pushed request has no request_uri.")

// errPushedRedirect tells a service what request.ErrRedirect tells a person.
var errPushedRedirect = request.NewError("invalid_request", "The redirect_uri is not registered for this client.")

// servePushed accepts a request from the service itself, before the browser comes (RFC 9126).
func (e *Endpoints) servePushed(w http.ResponseWriter, r *http.Request, c call) error {
	if c.form.Has("request_uri") {
		return writeError(w, http.StatusBadRequest, errPushedTwice)
	}
	req, err := e.o.Requests.Read(r.Context(), c.form, c.Client)
	var problem *request.Error
	switch {
	case errors.As(err, &problem):
		return e.refuse(w, r, c, badRequest(problem, c))
	case errors.Is(err, request.ErrRedirect):
		return e.refuse(w, r, c, &refusal{message: errPushedRedirect, reason: request.WrongRedirect(c.form, c.Client)})
	case err != nil:
		return err
	}
	reference, err := db.Jot(r.Context(), e.o.DB, func(k *db.K) (string, error) {
		id, secret, err := e.pushed.Start(r.Context(), k, req)
		return session.Cookie(id, secret), err
	})
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusCreated, pushed{
		RequestURI: pushedURN + reference, ExpiresIn: int(pushedLife.Seconds()),
	})
}

// ErrPushed refuses a request_uri that has expired, was used before, or belongs to another client.
var ErrPushed = fault.Keyed("pushed", fault.SayCure(fault.Expired,
	"The service's request to log you in has expired or has already been used.",
	"Go back to the service and log in again there."))

// IsPushed reports whether a browser's parameters refer to a pushed request.
func IsPushed(q url.Values) bool {
	return len(q["request_uri"]) == 1 && strings.HasPrefix(q.Get("request_uri"), pushedURN)
}

// TakePushed returns the request that a client pushed, and uses it up.
func (e *Endpoints) TakePushed(ctx context.Context, q url.Values, c client.Client) (request.Request, error) {
	id, secret := session.Split(strings.TrimPrefix(q.Get("request_uri"), pushedURN))
	f, err := db.Jot(ctx, e.o.DB, func(k *db.K) (session.Flow[request.Request], error) {
		return e.pushed.Take(ctx, k, id, secret)
	})
	if errors.Is(err, fault.Expired) || err == nil && f.State.ClientID != c.ID {
		return request.Request{}, ErrPushed
	}
	return f.State, err
}

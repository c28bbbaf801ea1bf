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
	"signpost/internal/platform/once"
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
	reference, err := e.pushed.Begin(r.Context(), e.o.DB, e.o.Waiting, web.Address(r), req)
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

// LoadPushed returns the request that a client pushed. The grant uses it up.
func (e *Endpoints) LoadPushed(ctx context.Context, q url.Values, c client.Client) (request.Request, error) {
	name := strings.TrimPrefix(q.Get("request_uri"), pushedURN)
	id, secret := session.Split(name)
	f, err := db.Glance(ctx, e.o.DB, func(r db.R) (session.Flow[request.Request], error) {
		return e.pushed.Load(ctx, r, id, secret)
	})
	if errors.Is(err, fault.Expired) || err == nil && f.State.ClientID != c.ID {
		return request.Request{}, ErrPushed
	}
	f.State.Pushed = name
	return f.State, err
}

// UsePushed uses a pushed request up, as a part of the grant: browsers may look at it as often as they like before
// (FAPI 2.0 Security Profile §5.3.2.2 note 3). life is how long a sign-in may take after such a look.
func (e *Endpoints) UsePushed(ctx context.Context, w *db.W, name string, life time.Duration) error {
	used := once.Thing{Kind: "pushed request", ID: name, Ends: w.Now().Add(pushedLife + life)}
	if err := used.Use(ctx, w); errors.Is(err, once.ErrUsed) {
		return ErrPushed
	} else if err != nil {
		return err
	}
	id, secret := session.Split(name)
	if _, err := e.pushed.Take(ctx, w, id, secret); err != nil && !errors.Is(err, fault.Expired) {
		return err
	}
	return nil
}
